import type { Evidence } from "../record.ts";
import { type Meaning, verbForm, verbs } from "./meanings.ts";
import type { ReadDefinition } from "./read-definition.ts";
import { loudVerbs, movedMoney, putBackThings, recipientNames, toldDeletes } from "./words.ts";

/** How much of a text is looked at for what it does, characters. */
const sentenceMax = 400;

/**
 * Pure. What description and titles say against the tool: their first word, what takes away anywhere in the first
 * sentence, money that moves. That they speak of reading proves nothing.
 */
export function descriptionEvidence({ description, titles, words, parameters }: ReadDefinition): readonly Evidence[] {
  return [description, ...titles].flatMap((text) => {
    const sentence = firstSentence(text);
    const found = [firstVerb(sentence), deletingVerb(sentence)].filter((verb) => verb !== undefined);
    const said = [...new Set(found)].flatMap((word): readonly Evidence[] => {
      const meaning = verbs.get(word);
      // The name was already asked about this word, with what stands beside it.
      if (meaning === undefined || meaning.says === "Read" || words.includes(word)) return [];
      if (word === "send" && !parameters.some(({ name }) => recipientNames.test(name))) return [];
      if (/^(delete|remove)$/u.test(word) && words.some((name) => putBackThings.has(name))) return [];
      return [{ place: "description", word, ...meaning }];
    });
    const money = movedMoney.exec(sentence)?.[1];
    return money === undefined ? said : [...said, { place: "description", word: money.toLowerCase(), ...paid }];
  });
}

const paid: Meaning = { says: "Financial", because: "money moves or a bill grows" };

/** Pure. Whether a verb is one that is also heard of a tool whose name speaks of reading. */
export function isLoud(verb: string): boolean {
  return loudVerbs.has(verb);
}

/** Pure. Whether a text speaks of taking away or running anywhere, in any form of the word, and does not deny it. */
export function speaksOfHarm({ description, titles, words }: ReadDefinition): boolean {
  const text = [description, ...titles].join("\n").toLowerCase();
  const told = [...text.matchAll(/\p{L}+/gu)].filter(({ index }) => !isDenied(text, index)).map(([word]) => word);
  return [words.join(""), ...words, ...told].some((word) => isHarm(word));
}

function isHarm(word: string): boolean {
  // `deleted`, `erased`, `dropped`
  const stem = word.replace(/(?<=\p{L}{3})d$/u, "");
  return [word, stem, stem.replace(/e$/u, ""), stem.replace(/(\p{L})\1e$/u, "$1")].some((form) => {
    const verb = verbForm(form);
    const says = verbs.get(verb)?.says;
    return says === "Destructive" || says === "Financial" || loudVerbs.has(verb);
  });
}

function firstSentence(text: string): string {
  return /^[^.!?\n]*/u.exec(text.trimStart().slice(0, sentenceMax))?.[0] ?? "";
}

/** The verb that a sentence begins with, after adverbs: `Permanently deletes`. */
function firstVerb(sentence: string): string | undefined {
  const [, first = ""] = /^\P{L}*(?:\p{L}+ly\s+)?(\p{L}+)/iu.exec(sentence) ?? [];
  const word = first.toLowerCase();
  return [word, word.replace(/s$/u, ""), word.replace(/es$/u, ""), word.replace(/ies$/u, "y")].find((form) =>
    verbs.has(form),
  );
}

/** What takes away among the verbs that a sentence begins with, or after words that lead up to one: `This tool will delete`. */
function deletingVerb(sentence: string): string | undefined {
  const text = sentence.toLowerCase();
  const places = [...text.matchAll(leadingVerbs), ...text.matchAll(announcedVerb)];
  return places
    .filter(({ index, 0: found }) => !isDenied(text, index + found.search(/\p{L}+$/u)))
    .flatMap(([found]) => found.match(/\p{L}+/gu) ?? [])
    .flatMap((word) => [word, word.replace(/s$/u, ""), word.replace(/es$/u, "")])
    .find((form) => toldDeletes.has(form) && (form !== "drop" || !text.includes("drag")));
}

const leadingVerbs = /^\P{L}*\p{L}+(?:,\s*\p{L}+)*,?\s+(?:and|or)\s+\p{L}+/gu;
const announcedVerb =
  /\b(?:this\s+tool|tool|it|you)\s+(?:(?:will|can|may|also|would|must)\s+)*(?:[a-z]{2,}ly\s+)?\p{L}+|\b(?:used?|using)\s+(?:this|it)\s+(?:tool\s+)?to\s+\p{L}+|\bwill\s+(?:[a-z]{2,}ly\s+)?\p{L}+/gu;

/** Whether one of the four words before a place in a text denies what stands there. */
function isDenied(text: string, at: number): boolean {
  return /\b(not|never|no|without|cannot|neither|nor|(?:do|does|did|wo|ca|is)n[’']t)(\s+\p{L}+){0,3}\s+$/u.test(
    text.slice(Math.max(0, at - 60), at),
  );
}
