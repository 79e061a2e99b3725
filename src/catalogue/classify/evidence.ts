import type { Evidence } from "../record.ts";
import { categories } from "../../policy/index.ts";
import { type Parameter, type ReadDefinition, wordsOf } from "./read-definition.ts";
import {
  actionNames,
  alsoNouns,
  amountVerbs,
  billedThings,
  chatThings,
  codeNames,
  deletingFlag,
  deletingStart,
  destructiveChoice,
  executingChoice,
  fileNames,
  languageWords,
  lastDeletes,
  livePageVerbs,
  lookedAt,
  lookedUpThings,
  lookNouns,
  makingVerbs,
  modeNames,
  moneyNames,
  nounRules,
  outputPathNames,
  pageVerbs,
  plainReads,
  putBackThings,
  queryNames,
  sendingMethod,
  type VerbRule,
  verbRules,
  writesFile,
  writingChoice,
} from "./words.ts";

type Meaning = Pick<VerbRule, "says" | "because">;

const verbs = tableOf(verbRules);
const nouns = tableOf(nounRules);

function tableOf(rules: readonly VerbRule[]): ReadonlyMap<string, Meaning> {
  return new Map(rules.flatMap((rule) => rule.words.split(" ").map((word): [string, Meaning] => [word, rule])));
}

/** Pure. What the name says: the verb of each part (`get_or_create` has two), a noun where there is no verb. */
export function nameEvidence(definition: ReadDefinition): readonly Evidence[] {
  const { words, parameters } = definition;
  const named = partsOf(words).flatMap((part): readonly Evidence[] => {
    const last = part.at(-1) ?? "";
    const verb = verbOf(part);
    const ends = lastDeletes.has(last) && last !== verb && !part.includes("drag");
    const deletes = ends ? [verbEvidence(last, part, parameters)] : joinedDeletes(part);
    if (verb !== undefined) return [verbEvidence(verb, part, parameters), ...deletes];
    const noun = part.findLast((word) => nouns.has(word));
    const meaning = noun === undefined ? undefined : nouns.get(noun);
    return noun === undefined || meaning === undefined
      ? deletes
      : [{ place: "name", word: noun, ...pick(meaning) }, ...deletes];
  });
  // A required choice of what is done says more than a word that may be a noun.
  return choosesOnlyReading(definition) ? named.filter(({ word }) => !alsoNouns.has(word)) : named;
}

/**
 * A verb of a live page wherever it stands; else the first verb. One that is a noun as well gives way to a later one, but
 * what runs or pays only to a last word that plainly reads.
 */
function verbOf(part: readonly string[]): string | undefined {
  const page = part.find((word) => livePageVerbs.has(word));
  if (page !== undefined) return page;
  const found = part.filter(
    (word, at) => (verbs.has(word) && !isRequest(word, part[at + 1])) || makesBilled(word, part),
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

function rank(verb: string): number {
  return categories.indexOf(verbs.get(verb)?.says ?? "Write");
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
  return word === undefined
    ? []
    : [{ place: "name", word, says: "Destructive", because: "something stored or running is gone afterwards" }];
}

/** Whether a required parameter chooses what is done, and every choice only reads. */
function choosesOnlyReading({ parameters }: ReadDefinition): boolean {
  const mode = parameters.find(({ name, isRequired, depth }) => depth === 0 && isRequired && actionNames.test(name));
  return mode !== undefined && onlyReads(mode);
}

function onlyReads({ choices, isClosed }: Parameter): boolean {
  return isClosed && choices.length > 0 && choices.every((choice) => isReadingWord(wordsOf(choice)[0] ?? ""));
}

function verbEvidence(verb: string, part: readonly string[], parameters: readonly Parameter[]): Evidence {
  const things = thingsOf(verb, part);
  const meaning = verbs.get(verb);
  const place = "name";
  if (makesBilled(verb, part))
    return { place, word: `${verb} ${things.join(" ")}`, says: "Financial", because: "what it makes is billed" };
  if (/^(delete|remove)$/u.test(verb) && things.some((thing) => putBackThings.has(thing)))
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
  return { place, word: verb, ...pick(meaning) };
}

function makesBilled(verb: string, part: readonly string[]): boolean {
  const things = thingsOf(verb, part);
  const isLast = part.at(-1) === verb;
  if (!makingVerbs.has(verb) || things.includes("free")) return false;
  // `payments_create` makes one, `create_payments_page` none.
  const names = isLast ? things.map((thing) => thing.replace(/s$/u, "")) : things;
  return names.some((thing) => billedThings.has(thing));
}

function isReadingWord(word: string): boolean {
  return verbs.get(word)?.says === "Read";
}

function isScroll(word: string): boolean {
  return amountVerbs.has(word);
}

function isAddress({ name }: Parameter): boolean {
  return /^(to|cc|bcc|e?mail(_address)?|recipient_email)$/iu.test(name);
}

function isPage(word: string): boolean {
  return word === "page" || word === "tab";
}

function partsOf(words: readonly string[]): readonly (readonly string[])[] {
  const at = words.findIndex((word, index) => (word === "or" || word === "and") && words[index + 1] !== "drop");
  return at < 0 ? [words] : [words.slice(0, at), ...partsOf(words.slice(at + 1))];
}

/** Pure. What single parameters allow at the worst; `isReader` says that the name speaks of reading. */
export function parameterEvidence(definition: ReadDefinition, isReader: boolean): readonly Evidence[] {
  return definition.parameters.flatMap((parameter) => [
    ...choiceEvidence(parameter, isReader && definition.words.some(isReadingWord)),
    ...flagEvidence(parameter, isReader),
    ...codeEvidence(parameter, definition),
    ...moneyEvidence(parameter, (isReader && definition.words.some(isReadingWord)) || definition.words.some(isScroll)),
    ...fileEvidence(parameter, isReader),
  ]);
}

function flagEvidence({ name, isFlag }: Parameter, isReader: boolean): readonly Evidence[] {
  // A reader's `in_trash` says where it looks.
  if (!isFlag || !deletingFlag.test(name) || (isReader && /trash/iu.test(name))) return [];
  return [{ place: "parameter", word: name, says: "Destructive", because: "a flag takes something away" }];
}

function choiceEvidence(parameter: Parameter, isReader: boolean): readonly Evidence[] {
  const { name, choices, isRequired, depth } = parameter;
  // A reader's `type` and `operations` say what is read about.
  if (isReader && /^(type|operations)$/u.test(name)) return [];
  if (!modeNames.test(name)) return [];
  const rules = [
    { pattern: destructiveChoice, says: "Destructive", because: "a choice takes something away" },
    { pattern: executingChoice, says: "Execute", because: "a choice runs something" },
    { pattern: sendingMethod, says: "Execute", because: "it sends any request" },
    { pattern: writingChoice, says: "Write", because: "a choice changes something" },
  ] as const;
  const [read = ""] = choices;
  if (isRequired && depth === 0 && actionNames.test(name) && onlyReads(parameter))
    return [{ place: "parameter", word: `${name}: ${read}`, says: "Read", because: "its choices only read" }];
  return rules.flatMap(({ pattern, says, because }) => {
    const choice = choices.find((candidate) => pattern.test(candidate));
    return choice === undefined ? [] : [{ place: "parameter", word: `${name}: ${choice}`, says, because }];
  });
}

function codeEvidence(parameter: Parameter, definition: ReadDefinition): readonly Evidence[] {
  if (!holdsCode(parameter, definition)) return [];
  const because = "it holds code or a query of the caller's own";
  return [{ place: "parameter", word: parameter.name, says: "Execute", because }];
}

/** Pure. Whether a parameter holds code, a command, or a query in a language. */
export function holdsCode({ name, description, isList, choices }: Parameter, { words }: ReadDefinition): boolean {
  if (name === "pipeline") return isList;
  if (codeNames.test(name) || (name === "command" && choices.length === 0)) return true;
  return queryNames.test(name) && [description, words.join(" ")].some((text) => languageWords.test(text));
}

function moneyEvidence({ name }: Parameter, isReader: boolean): readonly Evidence[] {
  if (isReader || !moneyNames.test(name)) return [];
  return [{ place: "parameter", word: name, says: "Financial", because: "it says what is paid" }];
}

function fileEvidence({ name, description }: Parameter, isReader: boolean): readonly Evidence[] {
  const isOutput = outputPathNames.test(name) || (fileNames.test(name) && writesFile.test(description));
  if (!isReader || !isOutput) return [];
  return [{ place: "parameter", word: name, says: "Write", because: "the result is written where the caller says" }];
}

/** Pure. What the first word of the description says, where it speaks against the tool: a claim to read proves nothing. */
export function descriptionEvidence({ description, words }: ReadDefinition): readonly Evidence[] {
  const first = /^\W*(\p{L}+)/u.exec(description)?.[1]?.toLowerCase() ?? "";
  const word = [first, first.replace(/s$/u, ""), first.replace(/es$/u, ""), first.replace(/ies$/u, "y")].find((form) =>
    verbs.has(form),
  );
  const meaning = word === undefined ? undefined : verbs.get(word);
  // The name was already asked about this word, with what stands beside it.
  if (word === undefined || meaning === undefined || meaning.says === "Read" || words.includes(word)) return [];
  return [{ place: "description", word, ...pick(meaning) }];
}

function pick({ says, because }: Meaning): Meaning {
  return { says, because };
}
