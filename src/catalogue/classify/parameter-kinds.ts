import type { Parameter, ReadDefinition } from "./read-definition.ts";
import { codeNames, languageWords, queryNames } from "./words.ts";

/** Pure. Whether a parameter holds code, a command, or a query in a language. */
export function holdsCode({ name, description, isList, choices }: Parameter, { words }: ReadDefinition): boolean {
  if (name === "pipeline") return isList;
  if (codeNames.test(name) || (name === "command" && choices.length === 0)) return true;
  return queryNames.test(name) && [description, words.join(" ")].some((text) => languageWords.test(text));
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
