/** What one look of `callgate doctor` found. */
export interface Check {
  /** What was looked at: `store`, `server notes`. */
  readonly about: string;
  /** A `problem` stops something from working as it should; a `warning` will, or may. */
  readonly status: "ok" | "warning" | "problem";
  /** Lower case, no full stop. */
  readonly message: string;
  /** What to do; empty when all is well. */
  readonly hint: string;
}

/** All is well. Pure. */
export function ok(about: string, message: string): Check {
  return { about, status: "ok", message, hint: "" };
}

/** Something that will be, or may be, a problem. Pure. */
export function warning(about: string, message: string, hint: string): Check {
  return { about, status: "warning", message, hint };
}

/** Something that does not work. Pure. */
export function problem(about: string, message: string, hint: string): Check {
  return { about, status: "problem", message, hint };
}
