/** Lines of context around each change. */
const contextLines = 3;

/** So many changed lines are looked for; a text that differs in more is shown as replaced. */
const changesMax = 500;

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/**
 * Pure. What changed between two texts, line by line, as `diff -u` shows it, without the names of files. Empty when
 * nothing did.
 */
export function lineDiff(before: string, after: string): string {
  if (before === after) return "";
  const lines = changedLines(before.split("\n"), after.split("\n"));
  return hunks(lines)
    .map(([start, end]) => printHunk(lines, start, end))
    .join("");
}

/** Both texts as one list of lines: kept, removed, added. */
function changedLines(a: readonly string[], b: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const kept = (text: string): Line => ({ mark: " ", text });
  return [
    ...a.slice(0, head).map(kept),
    ...middleLines(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(kept),
  ];
}

/** The shortest way from one list to the other (Myers, An O(ND) Difference Algorithm, 1986). */
function middleLines(a: readonly string[], b: readonly string[]): readonly Line[] {
  const trace = searchPath(a, b);
  if (trace === undefined) {
    return [...a.map((text): Line => ({ mark: "-", text })), ...b.map((text): Line => ({ mark: "+", text }))];
  }
  const lines: Line[] = [];
  let [x, y] = [a.length, b.length];
  for (const [d, reach] of [...trace.entries()].toReversed()) {
    const diagonal = x - y;
    const isDown = goesDown(reach, diagonal, d);
    const from = isDown ? diagonal + 1 : diagonal - 1;
    const startX = d === 0 ? 0 : (reach.get(from) ?? 0);
    const startY = d === 0 ? 0 : startX - from;
    while (x > startX && y > startY) {
      x -= 1;
      y -= 1;
      lines.push({ mark: " ", text: a[x] ?? "" });
    }
    if (d === 0) break;
    lines.push(isDown ? { mark: "+", text: b[startY] ?? "" } : { mark: "-", text: a[startX] ?? "" });
    [x, y] = [startX, startY];
  }
  return lines.toReversed();
}

/** For each number of changes, how far each diagonal was reached before it; undefined when there are too many. */
function searchPath(a: readonly string[], b: readonly string[]): readonly ReadonlyMap<number, number>[] | undefined {
  const trace: ReadonlyMap<number, number>[] = [];
  const reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, changesMax); d += 1) {
    trace.push(new Map(reach));
    for (let diagonal = -d; diagonal <= d; diagonal += 2) {
      let x = goesDown(reach, diagonal, d) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      reach.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return trace;
    }
  }
  return undefined;
}

function goesDown(reach: ReadonlyMap<number, number>, diagonal: number, d: number): boolean {
  if (diagonal === -d) return true;
  return diagonal !== d && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1);
}

/** Stretches of changed lines with their context; those that touch are one. */
function hunks(lines: readonly Line[]): readonly (readonly [start: number, end: number])[] {
  const found: [number, number][] = [];
  for (const [index, { mark }] of lines.entries()) {
    if (mark === " ") continue;
    const last = found.at(-1);
    const start = Math.max(0, index - contextLines);
    const end = Math.min(lines.length, index + contextLines + 1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else found.push([start, end]);
  }
  return found;
}

function printHunk(lines: readonly Line[], start: number, end: number): string {
  const countOf = (part: readonly Line[], mark: "-" | "+"): number =>
    part.filter((line) => line.mark === " " || line.mark === mark).length;
  const [before, part] = [lines.slice(0, start), lines.slice(start, end)];
  const range = (mark: "-" | "+"): string => {
    const count = countOf(part, mark);
    return `${mark}${countOf(before, mark) + (count === 0 ? 0 : 1)},${count}`;
  };
  const body = part.map(({ mark, text }) => `${mark}${text}\n`).join("");
  return `@@ ${range("-")} ${range("+")} @@\n${body}`;
}
