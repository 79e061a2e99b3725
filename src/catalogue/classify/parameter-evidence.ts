import type { Evidence } from "../record.ts";
import { isReadingWord } from "./meanings.ts";
import { holdsCode } from "./parameter-kinds.ts";
import { type Parameter, type ReadDefinition, wordsOf } from "./read-definition.ts";
import {
  actionNames,
  amountVerbs,
  deletingFlag,
  destructiveChoice,
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

function flagEvidence({ name, isFlag }: Parameter, isReader: boolean): readonly Evidence[] {
  // A reader's `in_trash` and `permanent` say what it looks for.
  if (!isFlag || !deletingFlag.test(name) || (isReader && /trash|permanent|hard/iu.test(name))) return [];
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
