import { categories } from "../../policy/index.ts";
import { nounRules, type VerbRule, verbRules } from "./words.ts";

/** What a word says a tool does, and why. */
export type Meaning = Pick<VerbRule, "says" | "because">;

/** What verbs say. */
export const verbs: ReadonlyMap<string, Meaning> = tableOf(verbRules);

/** What nouns say where no verb does. */
export const nouns: ReadonlyMap<string, Meaning> = tableOf(nounRules);

/** What something says that is gone afterwards. */
export const gone: Meaning = { says: "Destructive", because: "something stored or running is gone afterwards" };

function tableOf(rules: readonly VerbRule[]): ReadonlyMap<string, Meaning> {
  return new Map(
    rules.flatMap(({ says, because, words }) =>
      words.split(" ").map((word): [string, Meaning] => [word, { says, because }]),
    ),
  );
}

/** Pure. Whether a word is a verb that reads. */
export function isReadingWord(word: string): boolean {
  return verbs.get(word)?.says === "Read";
}

/** Pure. How severe a verb is, from 0 for reading; an unknown word counts as writing. */
export function rank(verb: string): number {
  return categories.indexOf(verbs.get(verb)?.says ?? "Write");
}
