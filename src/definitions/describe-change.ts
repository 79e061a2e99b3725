import { isList, isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { escapeStep } from "../values/pointer.ts";
import { writeOut } from "../values/unseen-characters.ts";

/** One difference between two definitions of a tool. */
export interface DefinitionChange {
  /** RFC 6901 pointer into the definition, hidden characters made visible; `""` for `more`. */
  readonly path: string;
  /** `more`: the last entry, where there are more differences than are listed; `after` says how many. */
  readonly kind: "added" | "removed" | "changed" | "more";
  /** As JSON, hidden characters made visible, long values from where they differ; undefined where there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Two values that are not the same, as JSON. */
interface Difference {
  readonly path: string;
  readonly was: string | undefined;
  readonly is: string | undefined;
}

/** Characters of a value that are shown; a reviewer who wants more reads the definition. */
const shownMax = 2_000;

/** Characters that are shown before the place where two long values differ. */
const leadMax = 200;

/** Differences that are listed; what is beyond them is counted. */
const changesMax = 200;

/** What a model reads first stands first, however much else a server changed. */
const firstPaths: readonly string[] = ["/name", "/title", "/description"];

/**
 * Pure. What differs between two definitions of a tool, by path: name, title and description, then other descriptions,
 * then the rest. At most 200, and then one entry that says how many more there are.
 */
export function describeChange(before: JsonObject, after: JsonObject): readonly DefinitionChange[] {
  const found: Difference[] = [];
  compare(before, after, "", found);
  const listed = found.toSorted((a, b) => rank(a) - rank(b)).slice(0, changesMax);
  const more = found.length - listed.length;
  const last = { path: "", kind: "more", before: undefined, after: `and ${more} more changes` } as const;
  return [...listed.map(changeOf), ...(more === 0 ? [] : [last])];
}

function compare(before: JsonValue | undefined, after: JsonValue | undefined, path: string, found: Difference[]): void {
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(ownOf(before, name), ownOf(after, name), `${path}/${escapeStep(name)}`, found);
    }
    return;
  }
  if (isList(before) && isList(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) compare(item, after[index], `${path}/${index}`, found);
    return;
  }
  const [was, is] = [textOf(before), textOf(after)];
  if (was !== is) found.push({ path, was, is });
}

function ownOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function rank({ path }: Difference): number {
  const first = firstPaths.indexOf(path);
  if (first >= 0) return first;
  return firstPaths.length + (path.endsWith("/description") ? 0 : 1);
}

function changeOf({ path, was, is }: Difference): DefinitionChange {
  const kind = was === undefined ? "added" : is === undefined ? "removed" : "changed";
  // JSON leaves formatting and tag characters as they are; a reviewer must see them.
  const [before, after] = [was, is].map((text) => (text === undefined ? undefined : Array.from(writeOut(text))));
  const isLong = Math.max(before?.length ?? 0, after?.length ?? 0) > shownMax;
  const start = isLong ? Math.max(0, sameUntil(before ?? [], after ?? []) - leadMax) : 0;
  return { path: writeOut(path), kind, before: part(before, start), after: part(after, start) };
}

function sameUntil(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((character, index) => character !== b[index]);
  return at < 0 ? a.length : at;
}

/** What is shown of a value, with the characters counted that are left out before and after it. */
function part(characters: readonly string[] | undefined, start: number): string | undefined {
  if (characters === undefined) return undefined;
  const rest = characters.length - start - shownMax;
  const head = start > 0 ? `(${start} characters) \u2026` : "";
  const tail = rest > 0 ? `\u2026 (${rest} characters)` : "";
  return `${head}${characters.slice(start, start + shownMax).join("")}${tail}`;
}
