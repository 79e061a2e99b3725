import type { CompileContext } from "./compile-context.ts";
import { reportError } from "./compile-context.ts";
import { faultOfPattern } from "./tool-patterns.ts";

/** Reports patterns that cannot be read, that are repeated, and an empty list of them. `isInPlace`: the list stands at `pointer` itself. */
export function checkPatterns(
  patterns: readonly string[],
  pointer: string,
  isInPlace: boolean,
  context: CompileContext,
): void {
  const seen = new Set<string>();
  for (const [index, pattern] of patterns.entries()) {
    const path = isInPlace ? `${pointer}/${index}` : pointer;
    const fault = faultOfPattern(pattern);
    if (fault !== undefined) {
      reportError(context, {
        code: "PATTERN_INVALID",
        message: `\`${pattern.slice(0, 100)}\` ${fault}`,
        path,
        hint: "write an exact name, or a name with single `*`",
      });
    }
    if (seen.has(pattern)) {
      reportError(context, {
        code: "PATTERN_REPEATED",
        message: `\`${pattern.slice(0, 100)}\` stands here twice`,
        path,
        hint: "remove one of the two",
      });
    }
    seen.add(pattern);
  }
}
