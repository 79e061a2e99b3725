import type { Parameter, ReadDefinition } from "./read-definition.ts";
import { codeNames, codeWords, databaseWords, languageWords, queryLanguages, queryNames } from "./words.ts";

/** How much of a description is taken for its first sentence, characters. */
const sentenceMax = 300;

/** Pure. Whether a parameter holds code, a command, or a query in a language. */
export function holdsCode(parameter: Parameter, definition: ReadDefinition): boolean {
  const { name, isList, isFlag, choices } = parameter;
  if (name === "pipeline") return isList;
  if (isFlag || choices.length > 0) return false;
  if (codeNames.test(name) || name === "command" || parameter.words.some((word) => codeWords.has(word))) return true;
  return queryNames.test(name) && speaksLanguage(parameter, definition);
}

/** Whether a query is one in a language, by what its tool is called, or how the two are described. */
function speaksLanguage({ description }: Parameter, { words, description: about }: ReadDefinition): boolean {
  const isQuery = words.includes("query") && words.some((word) => databaseWords.has(word));
  const [sentence = ""] = about.slice(0, sentenceMax).split(/[.\n]/u);
  const isAsked = queryLanguages.test(sentence) && !/\b(docs?|documentation|about)\b/iu.test(sentence);
  return isQuery || isAsked || [description, words.join(" ")].some((text) => languageWords.test(text));
}

/** Pure. Whether the parameter holds an address. */
export function isUrlParameter({ name, format }: Parameter): boolean {
  return format === "uri" || /(^|_)(urls?|uri|webhook|endpoint)$|Ur[li]s?$/u.test(name);
}

/** Pure. Whether the parameter holds a path of files. */
export function isPathParameter({ name }: Parameter): boolean {
  return (
    /path|file_?name|^directory$|^file$|outputDir/iu.test(name) &&
    !/^(area|iteration|select|exclude|include|json|x)_?paths?$/iu.test(name)
  );
}
