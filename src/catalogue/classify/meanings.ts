import { categories } from "../../policy/index.ts";
import { deletingNouns, lastDeletes, nounRules, phraseRules, type VerbRule, verbRules } from "./words.ts";

/** What a word says a tool does, and why. */
export type Meaning = Pick<VerbRule, "says" | "because">;

/** What verbs say. */
export const verbs: ReadonlyMap<string, Meaning> = tableOf(verbRules);

/** What nouns say where no verb does. */
export const nouns: ReadonlyMap<string, Meaning> = tableOf(nounRules);

/** What two words say together: the second by the first. */
export const phrases: ReadonlyMap<string, ReadonlyMap<string, Meaning>> = phrasesOf(phraseRules);

/** What something says that is gone afterwards. */
export const gone: Meaning = { says: "Destructive", because: "something stored or running is gone afterwards" };

function tableOf(rules: readonly VerbRule[]): ReadonlyMap<string, Meaning> {
  return new Map(
    rules.flatMap(({ says, because, words }) =>
      words.split(" ").map((word): [string, Meaning] => [word, { says, because }]),
    ),
  );
}

function phrasesOf(rules: readonly VerbRule[]): ReadonlyMap<string, ReadonlyMap<string, Meaning>> {
  const found = new Map<string, Map<string, Meaning>>();
  for (const [phrase, meaning] of tableOf(rules)) {
    const [first = "", second = ""] = phrase.split("+");
    found.set(first, (found.get(first) ?? new Map<string, Meaning>()).set(second, meaning));
  }
  return found;
}

/**
 * Pure. The verb that a word is a form of. Only what takes away is known by all of its forms: others' are nouns as often
 * (`runs`, `orders`).
 */
export function verbForm(word: string): string {
  if (verbs.has(word)) return word;
  const noun = deletingNouns.get(word);
  if (noun !== undefined) return noun;
  const stem = word.replace(/(ing|ers?|s)$/u, "");
  return [stem, `${stem}e`, stem.replace(/(\p{L})\1$/u, "$1")].find((form) => lastDeletes.has(form)) ?? word;
}

/** Pure. Whether a word is a verb that reads. */
export function isReadingWord(word: string): boolean {
  return verbs.get(word)?.says === "Read";
}

/** Pure. How severe a verb is, from 0 for reading; an unknown word counts as writing. */
export function rank(verb: string): number {
  return categories.indexOf(verbs.get(verb)?.says ?? "Write");
}
