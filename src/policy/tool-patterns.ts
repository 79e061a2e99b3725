/** A tool name or pattern, ready to match. Names are compared code point by code point; `*` is any run of characters. */
export interface ToolPattern {
  /** As written. */
  readonly source: string;
  /** Whether it has no `*`. */
  readonly isExact: boolean;
  /** Pure. Whether the whole name matches; time grows with the name's length only. */
  readonly matches: (name: string) => boolean;
}

/** A pattern has at most this many characters. */
const patternCharactersMax = 1000;

/** Pure. What is wrong with a pattern, or undefined. */
export function faultOfPattern(source: string): string | undefined {
  if (source === "") return "is empty";
  if (source.length > patternCharactersMax) return `has over ${patternCharactersMax} characters`;
  if (source.includes("**")) return "has `**`, which means no more than `*`";
  return undefined;
}

/** Pure. Compiles a pattern without faults. */
export function compilePattern(source: string): ToolPattern {
  if (!source.includes("*")) return { source, isExact: true, matches: (name) => name === source };
  if (source === "*") return { source, isExact: false, matches: () => true };
  const first = source.slice(0, source.indexOf("*"));
  const last = source.slice(source.lastIndexOf("*") + 1);
  const middle = source.split("*").slice(1, -1);
  return { source, isExact: false, matches: (name) => matchesParts(name, first, middle, last) };
}

/** Taking each middle part at its first place after the one before is enough: a later place leaves less room. */
function matchesParts(name: string, first: string, middle: readonly string[], last: string): boolean {
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const part of middle) {
    const at = name.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** A name or pattern made ready to be compared with others. */
export interface ComparablePattern {
  readonly source: string;
  /** The source with a character for each `*` that none of the patterns compared has, so that only a `*` can match it. */
  readonly spelled: string;
  readonly matches: (name: string) => boolean;
  /** What stands before the first `*` (all of it without one), between (stars left out), and after the last. */
  readonly head: string;
  readonly middle: string;
  readonly tail: string;
}

/** Pure. Makes patterns without faults comparable among each other, in their order. */
export function comparePatterns(patterns: readonly string[]): readonly ComparablePattern[] {
  const strange = characterNotIn(patterns.join(""));
  return patterns.map((source) => {
    const first = source.includes("*") ? source.indexOf("*") : source.length;
    const last = source.lastIndexOf("*");
    return {
      source,
      spelled: source.replaceAll("*", strange),
      matches: compilePattern(source).matches,
      head: source.slice(0, first),
      middle: source.slice(first, last).replaceAll("*", ""),
      tail: source.slice(last + 1),
    };
  });
}

function characterNotIn(text: string): string {
  const used = new Set(text);
  let code = 0xe000;
  while (used.has(String.fromCharCode(code))) code += 1;
  return String.fromCharCode(code);
}

/**
 * Pure. Whether every name that `inner` matches is matched by `outer`: a `*` of `inner` stands for any text, so only
 * a `*` of `outer` can take it.
 */
export function isInside(inner: ComparablePattern, outer: ComparablePattern): boolean {
  return outer.matches(inner.spelled);
}

/** Pure. Negative when `a` must be tried before `b`: of two patterns that lie one inside the other, the inner comes first. */
export function compareWidth(a: string, b: string): number {
  const starsOfA = countStars(a);
  const starsOfB = countStars(b);
  return b.length - starsOfB - (a.length - starsOfA) || starsOfA - starsOfB || (a < b ? -1 : Number(a > b));
}

function countStars(source: string): number {
  return source.split("*").length - 1;
}

/**
 * Pure. A name that two patterns with `*` both match, or undefined when there is none. Only the texts before the first
 * and after the last `*` can keep them apart: what stands between fits into the other's `*`.
 */
export function sharedName(a: ComparablePattern, b: ComparablePattern): string | undefined {
  const doHeadsFit = a.head.startsWith(b.head) || b.head.startsWith(a.head);
  const doTailsFit = a.tail.endsWith(b.tail) || b.tail.endsWith(a.tail);
  if (!doHeadsFit || !doTailsFit) return undefined;
  return longer(a.head, b.head) + a.middle + b.middle + longer(a.tail, b.tail);
}

function longer(a: string, b: string): string {
  return a.length >= b.length ? a : b;
}
