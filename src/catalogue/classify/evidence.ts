import type { Evidence } from "../record.ts";
import type { Parameter, ReadDefinition } from "./read-definition.ts";
import {
  billedThings,
  chatThings,
  codeNames,
  destructiveChoice,
  executingChoice,
  fileNames,
  languageWords,
  livePageVerbs,
  makingVerbs,
  modeNames,
  moneyNames,
  nounRules,
  outputPathNames,
  pageVerbs,
  putBackThings,
  queryNames,
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

/** Pure. What the name says: the first verb of each part (`get_or_create` has two), a noun where there is no verb. */
export function nameEvidence({ words, parameters }: ReadDefinition): readonly Evidence[] {
  const found = partsOf(words).flatMap((part): readonly Evidence[] => {
    const verb =
      part.find((word) => livePageVerbs.has(word)) ??
      part.find((word, at) => verbs.has(word) || makesBilled(word, part.slice(at + 1)));
    if (verb !== undefined) return [verbEvidence(verb, part, parameters)];
    const noun = part.findLast((word) => nouns.has(word));
    const meaning = noun === undefined ? undefined : nouns.get(noun);
    return noun === undefined || meaning === undefined ? [] : [{ place: "name", word: noun, ...pick(meaning) }];
  });
  return found;
}

function verbEvidence(verb: string, part: readonly string[], parameters: readonly Parameter[]): Evidence {
  const things = part.slice(part.indexOf(verb) + 1);
  const meaning = verbs.get(verb);
  const place = "name";
  if (makesBilled(verb, things))
    return { place, word: `${verb} ${things.join(" ")}`, says: "Financial", because: "what it makes is billed" };
  if (/^(delete|remove)$/u.test(verb) && things.some((thing) => putBackThings.has(thing)))
    return { place, word: verb, says: "Write", because: "one call puts it back" };
  if (verb === "send" && things.some((thing) => chatThings.has(thing)) && !parameters.some(isAddress))
    return { place, word: verb, says: "Write", because: "it speaks in a chat" };
  if (/^(new|open)$/u.test(verb) && things.some(isPage) && parameters.some(({ name }) => name === "url"))
    return { place, word: verb, says: "Execute", because: "it leads a live page to an address" };
  if (pageVerbs.has(verb) && parameters.some(({ name }) => /^(selector|uid|element|ref)$/u.test(name)))
    return { place, word: verb, says: "Execute", because: "it acts on a live page" };
  if (meaning === undefined) return { place, word: verb, says: "Write", because: "it makes something" };
  return { place, word: verb, ...pick(meaning) };
}

function makesBilled(verb: string, things: readonly string[]): boolean {
  return makingVerbs.has(verb) && things.some((thing) => billedThings.has(thing));
}

function isReadingWord(word: string): boolean {
  return verbs.get(word)?.says === "Read";
}

function isAddress({ name }: Parameter): boolean {
  return /^(to|cc|bcc|e?mail(_address)?|recipient_email)$/iu.test(name);
}

function isPage(word: string): boolean {
  return word === "page" || word === "tab";
}

function partsOf(words: readonly string[]): readonly (readonly string[])[] {
  const at = words.findIndex((word) => word === "or" || word === "and");
  return at < 0 ? [words] : [words.slice(0, at), ...partsOf(words.slice(at + 1))];
}

/** Pure. What single parameters allow at the worst; `isReader` says that the name speaks of reading. */
export function parameterEvidence(definition: ReadDefinition, isReader: boolean): readonly Evidence[] {
  return definition.parameters.flatMap((parameter) => [
    ...choiceEvidence(parameter, isReader && definition.words.some(isReadingWord)),
    ...codeEvidence(parameter, definition),
    ...moneyEvidence(parameter, isReader && definition.words.some(isReadingWord)),
    ...fileEvidence(parameter, isReader),
  ]);
}

function choiceEvidence({ name, choices }: Parameter, isReader: boolean): readonly Evidence[] {
  // A reader's `type` and `operations` say what is read about.
  if (isReader && /^(type|operations)$/u.test(name)) return [];
  if (!modeNames.test(name)) return [];
  const rules = [
    { pattern: destructiveChoice, says: "Destructive", because: "a choice takes something away" },
    { pattern: executingChoice, says: "Execute", because: "a choice runs something" },
    { pattern: writingChoice, says: "Write", because: "a choice changes something" },
  ] as const;
  return rules.flatMap(({ pattern, says, because }) => {
    const choice = choices.find((candidate) => pattern.test(candidate));
    return choice === undefined ? [] : [{ place: "parameter", word: `${name}: ${choice}`, says, because }];
  });
}

function codeEvidence({ name, description, isList }: Parameter, definition: ReadDefinition): readonly Evidence[] {
  const isLanguage = [description, definition.words.join(" ")].some((text) => languageWords.test(text));
  const isPipeline = name === "pipeline" && isList;
  if (!isPipeline && !codeNames.test(name) && !(queryNames.test(name) && isLanguage)) return [];
  return [{ place: "parameter", word: name, says: "Execute", because: "it holds code or a query of the caller's own" }];
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
