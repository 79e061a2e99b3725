import { isList, isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { escapeStep } from "../values/pointer.ts";
import { unseenCharacters } from "../values/unseen-characters.ts";

/** One difference between two definitions of a tool. */
export interface DefinitionChange {
  /** RFC 6901 pointer into the definition. */
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  /** As JSON, long values cut; undefined where there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Characters of a value that are shown; a reviewer who wants more reads the definition. */
const shownMax = 2_000;

/** Differences that are listed; with more the definition is another one. */
const changesMax = 200;

/** Pure. What differs between two definitions of a tool, by path, at most 200. Hidden characters are made visible. */
export function describeChange(before: JsonObject, after: JsonObject): readonly DefinitionChange[] {
  const found: DefinitionChange[] = [];
  compare(before, after, "", found);
  return found;
}

function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
  found: DefinitionChange[],
): void {
  if (found.length >= changesMax) return;
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
  if (was === is) return;
  const kind = was === undefined ? "added" : is === undefined ? "removed" : "changed";
  found.push({ path, kind, before: shown(was), after: shown(is) });
}

function ownOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** JSON leaves formatting and tag characters as they are; a reviewer must see them. */
function shown(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const visible = text.replaceAll(unseenCharacters, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return visible.length <= shownMax ? visible : `${visible.slice(0, shownMax)}\u2026 (${visible.length} characters)`;
}
