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
export const patternCharactersMax = 1000;

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
  const parts = source.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1);
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

/**
 * Pure. Whether every name that `inner` matches is matched by `outer`: a `*` of `inner` stands for any text, so only
 * a `*` of `outer` can take it, as it takes a character that `outer` does not have.
 */
export function isInside(inner: string, outer: string): boolean {
  return compilePattern(outer).matches(inner.replaceAll("*", characterNotIn(outer)));
}

function characterNotIn(text: string): string {
  let code = 0xe000;
  while (text.includes(String.fromCharCode(code))) code += 1;
  return String.fromCharCode(code);
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

/** How many pairs of positions {@link sharedName} may look at, over all its calls with one budget. */
export interface PairBudget {
  left: number;
}

/**
 * Pure but for the budget. A name that both patterns match, as short as can be, or undefined when there is none.
 * `"unknown"` when the budget is used up.
 */
export function sharedName(
  a: string,
  b: string,
  budget: PairBudget,
): { readonly name: string } | "unknown" | undefined {
  if (cannotShare(a, b)) return undefined;
  budget.left -= a.length * b.length;
  if (budget.left < 0) return "unknown";
  return searchShared(a, b);
}

/** Whether the texts before the first and after the last `*` already differ. */
function cannotShare(a: string, b: string): boolean {
  const headOfA = a.slice(0, a.indexOf("*"));
  const headOfB = b.slice(0, b.indexOf("*"));
  const tailOfA = a.slice(a.lastIndexOf("*") + 1);
  const tailOfB = b.slice(b.lastIndexOf("*") + 1);
  return (
    !(headOfA.startsWith(headOfB) || headOfB.startsWith(headOfA)) ||
    !(tailOfA.endsWith(tailOfB) || tailOfB.endsWith(tailOfA))
  );
}

/** Walks both patterns at once, breadth first over pairs of positions; each step eats one character or ends a `*`. */
function searchShared(a: string, b: string): { readonly name: string } | undefined {
  const width = b.length + 1;
  const cameFrom = new Map<number, { readonly from: number; readonly character: string }>();
  const queue = [0];
  for (let head = 0; head < queue.length; head += 1) {
    const at = queue[head] ?? 0;
    const i = Math.floor(at / width);
    const j = at % width;
    if (i === a.length && j === b.length) return { name: spell(at, cameFrom) };
    const steps: (readonly [number, number, string])[] = [];
    const x = a[i];
    const y = b[j];
    if (x === "*") steps.push([i + 1, j, ""]);
    if (y === "*") steps.push([i, j + 1, ""]);
    if (x === "*" && y !== undefined && y !== "*") steps.push([i, j + 1, y]);
    if (y === "*" && x !== undefined && x !== "*") steps.push([i + 1, j, x]);
    if (x !== undefined && x !== "*" && x === y) steps.push([i + 1, j + 1, x]);
    for (const [nextI, nextJ, character] of steps) {
      const next = nextI * width + nextJ;
      if (next === 0 || cameFrom.has(next)) continue;
      cameFrom.set(next, { from: at, character });
      queue.push(next);
    }
  }
  return undefined;
}

function spell(
  end: number,
  cameFrom: ReadonlyMap<number, { readonly from: number; readonly character: string }>,
): string {
  let name = "";
  for (let step = cameFrom.get(end); step !== undefined; step = cameFrom.get(step.from)) name = step.character + name;
  return name;
}
