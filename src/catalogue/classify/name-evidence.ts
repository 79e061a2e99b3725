import type { Evidence } from "../record.ts";
import { gone, isReadingWord, nouns, phrases, rank, verbForm, verbs } from "./meanings.ts";
import { isUrlParameter } from "./parameter-kinds.ts";
import { choosesOnlyReading } from "./parameter-evidence.ts";
import type { Parameter, ReadDefinition } from "./read-definition.ts";
import {
  alsoNouns,
  billedThings,
  chatThings,
  deletingStart,
  guards,
  joints,
  lastDeletes,
  livePageVerbs,
  lookedAt,
  lookedUpThings,
  lookNouns,
  makingVerbs,
  moneyThings,
  pageVerbs,
  plainReads,
  putBackThings,
  unbilledWords,
} from "./words.ts";

/** Pure. What the name says: the verb of each part (`get_or_create` has two), a noun where there is no verb. */
export function nameEvidence(definition: ReadDefinition): readonly Evidence[] {
  const { words, parameters } = definition;
  const phrase = phraseEvidence(words);
  const named = partsOf(words).flatMap((raw): readonly Evidence[] => {
    // After a verb that reads, `deletions` are what is read.
    const part = raw.some(isReadingWord) ? raw : raw.map(verbForm);
    const verb = verbOf(part, parameters);
    const deletes = [
      ...lastDelete(part, verb).map((word) => verbEvidence(word, part, parameters)),
      ...joinedDeletes(part),
    ];
    if (phrase.length > 0) return deletes;
    if (verb !== undefined) return [verbEvidence(verb, part, parameters), ...deletes];
    const noun = part.findLast((word) => nouns.has(word));
    const meaning = noun === undefined ? undefined : nouns.get(noun);
    return noun === undefined || meaning === undefined
      ? deletes
      : [{ place: "name", word: noun, ...meaning }, ...deletes];
  });
  // A required choice of what is done says more than a word that may be a noun, and does not lead (`pipelines_run`).
  const told = choosesOnlyReading(definition)
    ? named.filter(({ word }) => !alsoNouns.has(word) || word === words[0])
    : named;
  return [...phrase, ...told];
}

function phraseEvidence(part: readonly string[]): readonly Evidence[] {
  return part.flatMap((word, at): readonly Evidence[] => {
    const seconds = phrases.get(word);
    const second = seconds === undefined ? undefined : part.slice(at + 1).find((later) => seconds.has(later));
    const meaning = second === undefined ? undefined : seconds?.get(second);
    return meaning === undefined ? [] : [{ place: "name", word: `${word} ${second}`, ...meaning }];
  });
}

/**
 * A verb of a live page wherever it stands; else the first verb. One that is a noun as well gives way to a later one, but
 * what runs or pays only to a last word that plainly reads.
 */
function verbOf(part: readonly string[], parameters: readonly Parameter[]): string | undefined {
  const lead = part.find(
    (word) => livePageVerbs.has(word) || (rank(word) === 1 && verbs.has(word) && !alsoNouns.has(word)),
  );
  if (lead !== undefined && livePageVerbs.has(lead)) return lead;
  const found = part.filter(
    (word, at) => (verbs.has(word) && !isRequest(word, part[at + 1])) || makesBilled(word, part, parameters),
  );
  const [first, ...later] = found;
  if (first === undefined || !alsoNouns.has(first)) return first;
  const last = part.at(-1) ?? "";
  if (lookedAt.has(first) && lookNouns.has(last) && found.every((word) => alsoNouns.has(word))) return last;
  const plain = later.find((word) => !alsoNouns.has(word));
  const costs = rank(first) > rank("push");
  if (plain !== undefined && (!costs || rank(plain) > 0 || (plain === last && plainReads.has(plain)))) return plain;
  const worst = found.filter((word) => word === first || verbs.get(word)?.says !== "Financial");
  return worst.toSorted((a, b) => rank(b) - rank(a))[0];
}

/** What takes away at the end of a name (`status_check_delete`), or after a verb that itself changes (`update_remove_all`). */
function lastDelete(part: readonly string[], verb: string | undefined): readonly string[] {
  if (part.includes("drag")) return [];
  const last = part.at(-1) ?? "";
  const isChange = verb !== undefined && rank(verb) > 0;
  const found = part.find(
    (word, at) =>
      lastDeletes.has(word) && word !== verb && (word === last || (isChange && !guards.has(part[at + 1] ?? ""))),
  );
  return found === undefined ? [] : [found];
}

/** `pull_request` and `merge_request` are things. */
function isRequest(word: string, next: string | undefined): boolean {
  return /^(pull|merge)$/u.test(word) && next !== undefined && /^requests?$/u.test(next);
}

/** What a verb is about: the words after it, or those before the last one. */
function thingsOf(verb: string, part: readonly string[]): readonly string[] {
  const at = part.indexOf(verb);
  return at === part.length - 1 ? part.slice(0, -1) : part.slice(at + 1);
}

function joinedDeletes(part: readonly string[]): readonly Evidence[] {
  const word = part.find((candidate) => deletingStart.test(candidate) && !/ions?$/u.test(candidate));
  return word === undefined ? [] : [{ place: "name", word, ...gone }];
}

function verbEvidence(verb: string, part: readonly string[], parameters: readonly Parameter[]): Evidence {
  const things = thingsOf(verb, part);
  const meaning = verbs.get(verb);
  const place = "name";
  if (makesBilled(verb, part, parameters))
    return { place, word: `${verb} ${things.join(" ")}`, says: "Financial", because: "what it makes is billed" };
  if (/^(delete|remove)$/u.test(verb) && things.some((thing) => isPutBack(verb, thing)))
    return { place, word: verb, says: "Write", because: "one call puts it back" };
  if (verb === "send" && things.some((thing) => chatThings.has(thing)) && !parameters.some(isAddress))
    return { place, word: verb, says: "Write", because: "it speaks in a chat" };
  if (verb === "resolve" && things.some((thing) => lookedUpThings.has(thing)))
    return { place, word: verb, says: "Read", because: "it looks something up" };
  if (/^(new|open)$/u.test(verb) && things.some(isPage) && parameters.some(({ name }) => name === "url"))
    return { place, word: verb, says: "Execute", because: "it leads a live page to an address" };
  if (pageVerbs.has(verb) && parameters.some(({ name }) => /^(selector|uid|element|ref)$/u.test(name)))
    return { place, word: verb, says: "Execute", because: "it acts on a live page" };
  if (meaning === undefined) return { place, word: verb, says: "Write", because: "it makes something" };
  return { place, word: verb, ...meaning };
}

/** A tag is taken off something, or deleted with all that it said. */
function isPutBack(verb: string, thing: string): boolean {
  return putBackThings.has(thing) && (thing !== "tag" || verb === "remove");
}

function makesBilled(verb: string, part: readonly string[], parameters: readonly Parameter[]): boolean {
  const things = thingsOf(verb, part);
  if (!makingVerbs.has(verb) || things.some((thing) => unbilledWords.has(thing))) return false;
  // `payments_create` makes one, `create_payments_page` none.
  const isPlural = part.at(-1) === verb || part.length === 2;
  const names = isPlural ? things.flatMap((thing) => [thing.replace(/s$/u, ""), thing]) : things;
  // A subscription with an address is told of news there.
  const isNews = names.includes("subscription") && parameters.some(isUrlParameter);
  return (!isNews && names.some((name) => moneyThings.has(name))) || billedThings.has(names.at(-1) ?? "");
}

function isAddress({ name }: Parameter): boolean {
  return /^(to|cc|bcc|e?mail(_address)?|recipient_email)$/iu.test(name);
}

function isPage(word: string): boolean {
  return word === "page" || word === "tab";
}

/** A name's parts between words that join them; `drag and drop` is one act. */
function partsOf(words: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const [index, word] of words.entries()) {
    if (joints.has(word) && words[index + 1] !== "drop") parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}
