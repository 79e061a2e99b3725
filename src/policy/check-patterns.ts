import type { CompileContext } from "./compile-context.ts";
import { reportError, resolveList } from "./compile-context.ts";
import type { ListSource } from "./document.ts";
import { escapeStep } from "../values/pointer.ts";
import { comparePatterns, compilePattern, faultOfPattern, isInside, sharedName } from "./tool-patterns.ts";

/** Reports patterns that cannot be read and that are repeated. `isInPlace`: the list stands at `pointer` itself. */
export function checkPatterns(
  patterns: readonly string[],
  pointer: string,
  isInPlace: boolean,
  context: CompileContext,
): void {
  const seen = new Set<string>();
  for (const [index, pattern] of patterns.entries()) {
    const path = isInPlace ? `${pointer}/${index}` : pointer;
    reportFault(pattern, path, context);
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

/** Matchers of a list of names and patterns, whose problems are reported; undefined when there is no list. */
export function compileNames(
  source: ListSource<string> | undefined,
  pointer: string,
  context: CompileContext,
): readonly ((name: string) => boolean)[] | undefined {
  if (source === undefined) return undefined;
  const names = resolveList(source, pointer, context, (value) => typeof value === "string");
  checkPatterns(names, pointer, Array.isArray(source), context);
  return names.map((name) => compilePattern(name).matches);
}

function reportFault(pattern: string, path: string, context: CompileContext): void {
  const fault = faultOfPattern(pattern);
  if (fault === undefined) return;
  reportError(context, {
    code: "PATTERN_INVALID",
    message: `\`${pattern.slice(0, 100)}\` ${fault}`,
    path,
    hint: "write an exact name, or a name with single `*`",
  });
}

const overlapsReportedMax = 100;

/** Reports keys of `tools` that cannot be read, and pairs of patterns of which neither says which one applies. */
export function checkToolKeys(keys: readonly string[], context: CompileContext): void {
  for (const key of keys) reportFault(key, `/tools/${escapeStep(key)}`, context);
  const patterns = comparePatterns(keys.filter((key) => key.includes("*") && key !== "*"));
  let reported = 0;
  for (const [index, b] of patterns.entries()) {
    for (const a of patterns.slice(0, index)) {
      const shared = sharedName(a, b);
      if (shared === undefined || isInside(a, b) || isInside(b, a)) continue;
      reportOverlap(a.source, b.source, shared, context);
      reported += 1;
      if (reported >= overlapsReportedMax) return;
    }
  }
}

function reportOverlap(a: string, b: string, example: string, context: CompileContext): void {
  const matchesA = compilePattern(a).matches;
  const matchesB = compilePattern(b).matches;
  const shared = (context.tools ?? []).map((tool) => tool.name).filter((name) => matchesA(name) && matchesB(name));
  const names = (shared.length > 0 ? shared.slice(0, 5) : [example]).map((name) => `\`${name}\``).join(", ");
  reportError(context, {
    code: "PATTERNS_OVERLAP",
    message: `\`${a}\` and \`${b}\` both match ${shared.length > 0 ? "" : "names such as "}${names}, and neither lies inside the other`,
    path: `/tools/${escapeStep(b)}`,
    hint: "narrow one of them, or name the shared tools exactly in patterns that do not overlap",
    at: "key",
  });
}
