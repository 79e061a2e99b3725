import type { Evidence } from "../record.ts";
import { isReadingWord } from "./meanings.ts";
import { holdsCode } from "./parameter-kinds.ts";
import { type Parameter, type ReadDefinition, wordsOf } from "./read-definition.ts";
import {
  actionNames,
  amountVerbs,
  deletingFlag,
  deletingChoices,
  executingChoice,
  fileNames,
  modeNames,
  moneyNames,
  outputPathNames,
  sendingMethod,
  writesFile,
  writingChoice,
} from "./words.ts";

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

function flagEvidence({ name, words, depth, isFlag }: Parameter, isReader: boolean): readonly Evidence[] {
  if (depth > 0 && words.length > 1) return [];
  // A reader's `in_trash` and `permanent` say what it looks for.
  if (!isFlag || !deletingFlag.test(name) || (isReader && /trash|permanent|hard/iu.test(name))) return [];
  return [{ place: "parameter", word: name, says: "Destructive", because: "a flag takes something away" }];
}

function choiceEvidence(parameter: Parameter, isReader: boolean): readonly Evidence[] {
  const { name, choices, isRequired, depth } = parameter;
  if (isPatch(choices))
    return [{ place: "parameter", word: name, says: "Write", because: "it changes parts of something" }];
  // A reader's `type` and `operations` say what is read about.
  if (isReader && /^(type|operations)$/u.test(name)) return [];
  if (!modeNames.test(name)) return [];
  const [read = ""] = choices;
  if (isRequired && depth === 0 && actionNames.test(name) && onlyReads(parameter))
    return [{ place: "parameter", word: `${name}: ${read}`, says: "Read", because: "its choices only read" }];
  return choiceRules.flatMap(({ holds, says, because }) => {
    const choice = choicesOf(parameter).find((candidate) => holds(candidate));
    return choice === undefined ? [] : [{ place: "parameter", word: `${name}: ${choice}`, says, because }];
  });
}

const choiceRules = [
  { holds: isDeletingChoice, says: "Destructive", because: "a choice takes something away" },
  { holds: matcher(executingChoice), says: "Execute", because: "a choice runs something" },
  { holds: matcher(sendingMethod), says: "Execute", because: "it sends any request" },
  { holds: matcher(writingChoice), says: "Write", because: "a choice changes something" },
] as const;

function matcher(pattern: RegExp): (choice: string) => boolean {
  return (choice) => pattern.test(choice);
}

function isDeletingChoice(choice: string): boolean {
  if (sendingMethod.test(choice)) return false;
  const words = wordsOf(choice);
  return deletingChoices.has(words[0] ?? "") || deletingChoices.has(words.at(-1) ?? "");
}

/** The operations of a JSON patch (RFC 6902) change one document. */
function isPatch(choices: readonly string[]): boolean {
  const known = choices.map((choice) => choice.toLowerCase());
  const isAll = ["add", "replace", "remove"].every((operation) => known.includes(operation));
  return isAll && known.every((choice) => /^(add|replace|remove|test|copy|move)$/u.test(choice));
}

/** What may be chosen; where the schema does not list it, words of the description. */
function choicesOf({ choices, description, isFlag }: Parameter): readonly string[] {
  if (choices.length > 0 || isFlag) return choices;
  return description.slice(0, 400).match(/\b[a-z][a-z_]{1,30}\b/gu) ?? [];
}

function codeEvidence(parameter: Parameter, definition: ReadDefinition): readonly Evidence[] {
  if (!holdsCode(parameter, definition)) return [];
  const because = "it holds code or a query of the caller's own";
  return [{ place: "parameter", word: parameter.name, says: "Execute", because }];
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

function isScroll(word: string): boolean {
  return amountVerbs.has(word);
}

/** Pure. Whether a required parameter chooses what is done, and every choice only reads. */
export function choosesOnlyReading({ parameters }: ReadDefinition): boolean {
  const mode = parameters.find(({ name, isRequired, depth }) => depth === 0 && isRequired && actionNames.test(name));
  return mode !== undefined && onlyReads(mode);
}

function onlyReads({ choices, isClosed }: Parameter): boolean {
  return isClosed && choices.length > 0 && choices.every((choice) => isReadingWord(wordsOf(choice)[0] ?? ""));
}
