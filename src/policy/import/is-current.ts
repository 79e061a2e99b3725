import { isList, isObject, ownMember } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import type { RecognisedSource } from "./recognise.ts";
import { documentKeys, sharedDocumentKeys } from "./vocabulary.ts";

/**
 * Pure. Whether the source is a whole document of this language that an older engine would not have read otherwise. A
 * name with a `*` was an exact name there, so it takes a word that only this language has to make it a pattern.
 */
export function isCurrent(source: RecognisedSource): boolean {
  const { members, tools } = source;
  const { version, default: fallback } = members;
  if (version !== "1" || (fallback !== "allow" && fallback !== "deny")) return false;
  if (!Object.keys(members).every((key) => documentKeys.includes(key) || key.startsWith("x-"))) return false;
  if (tools.some(({ rules }) => !isObject(rules) || Object.hasOwn(rules, "rules"))) return false;
  if (hasOwnWords(source)) return true;
  return !tools.some(({ name }) => name.includes("*")) && isPlainList(ownMember(members, "hide") ?? []);
}

/** Pure. Whether the source uses a word that only this language has, or that only the hosted dialect shares with it. */
export function hasOwnWords({ members, tools }: RecognisedSource): boolean {
  if (Object.keys(members).some((key) => documentKeys.includes(key) && !sharedDocumentKeys.includes(key))) return true;
  return tools.some(({ rules }) => isObject(rules) && Object.keys(rules).some((key) => key !== "rules"));
}

/** Names without repetition, blanks or stars, save the one star that hides everything. */
function isPlainList(hide: JsonValue): boolean {
  if (!isList(hide) || new Set(hide).size < hide.length) return false;
  return hide.every((name) => name === "*" || (typeof name === "string" && /^[^*]*[^*\s][^*]*$/.test(name)));
}
