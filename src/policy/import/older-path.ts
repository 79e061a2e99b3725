const plainName = /^[^.[\]"*\s]+$/;
const forbiddenNames: readonly string[] = ["__proto__", "constructor", "prototype"];

/** An argument's path in this language. */
export interface ConvertedPath {
  readonly path: string;
  /** Whether a name has characters that mean something in this language and meant nothing before, such as `items[0]`. */
  readonly isLiteral: boolean;
}

/**
 * Pure. The older path is split at its dots and walks objects only; a name with special characters goes into brackets.
 * Undefined for what names no argument.
 */
export function convertPath(source: string): ConvertedPath | undefined {
  const [root, ...names] = source.split(".");
  if (root !== "args" || names.length === 0) return undefined;
  if (names.some((name) => name === "" || forbiddenNames.includes(name))) return undefined;
  const steps = names.map((name) => (plainName.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`));
  return { path: `args${steps.join("")}`, isLiteral: !names.every((name) => plainName.test(name)) };
}
