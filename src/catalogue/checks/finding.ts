/** How bad what was found is, mildest first. */
export const severities = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

/** What a check can find. Stable: reports carry them. */
export const findingCodes = [
  "hidden_characters",
  "terminal_escapes",
  "text_out_of_sight",
  "instructions",
  "foreign_tool",
  "look_alike",
  "same_name",
  "repeated_name",
  "unusable_name",
  "secret",
  "too_long",
  "not_looked_at",
  "remote_reference",
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** What a definition belongs to. */
export interface Subject {
  readonly kind: "server" | "tool" | "prompt" | "resource";
  /** As the server gave it; hostile. */
  readonly name: string;
}

/** One thing in a definition that a person should look at. It proves nothing by itself. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly subject: Subject;
  /** RFC 6901 pointer into the definition, `""` for the whole of it; hostile, as its steps are keys of the server's. Steps over 200 characters are cut. */
  readonly place: string;
  /** What was seen, made visible and cut: no control or invisible character is left, and no whole secret. */
  readonly seen: string;
  /** Our words, a sentence without full stop that begins with the definition's part: `says ...`. */
  readonly message: string;
}

/** What one look at a text gives, before it has a place. */
export interface Sighting extends Pick<Finding, "code" | "severity" | "seen" | "message"> {}

/** Pure. Whether a severity is as bad as another, or worse. */
export function isAtLeast(severity: Severity, bar: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(bar);
}
