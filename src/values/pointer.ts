/** Pure. An RFC 6901 JSON pointer from its steps: `["tools", "a/b", 0]` gives `/tools/a~1b/0`. */
export function toPointer(steps: readonly (string | number)[]): string {
  let pointer = "";
  for (const step of steps) pointer += `/${escapeStep(String(step))}`;
  return pointer;
}

/** Pure. One step of a pointer, escaped as RFC 6901 §3 says. */
export function escapeStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}
