import type { Evidence } from "../record.ts";
import { verbs } from "./meanings.ts";
import type { ReadDefinition } from "./read-definition.ts";
import { putBackThings } from "./words.ts";

/** Pure. What the first word of the description says, where it speaks against the tool: a claim to read proves nothing. */
export function descriptionEvidence({ description, words }: ReadDefinition): readonly Evidence[] {
  const first = /^\W*(\p{L}+)/u.exec(description)?.[1]?.toLowerCase() ?? "";
  const word = [first, first.replace(/s$/u, ""), first.replace(/es$/u, ""), first.replace(/ies$/u, "y")].find((form) =>
    verbs.has(form),
  );
  const meaning = word === undefined ? undefined : verbs.get(word);
  // The name was already asked about this word, with what stands beside it.
  if (word === undefined || meaning === undefined || meaning.says === "Read" || words.includes(word)) return [];
  if (/^(delete|remove)$/u.test(word) && words.some((name) => putBackThings.has(name))) return [];
  return [{ place: "description", word, ...meaning }];
}
