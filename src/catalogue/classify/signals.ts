import { type Category, type Signal, signals } from "../../policy/index.ts";
import type { Parameter, ReadDefinition } from "./read-definition.ts";
import { codeNames, languageWords, queryNames } from "./words.ts";

interface SignalRule {
  readonly signal: Signal;
  readonly parameter?: (parameter: Parameter, definition: ReadDefinition) => boolean;
  readonly words?: RegExp;
  readonly description?: RegExp;
}

/** A signal is given when one of its tests holds. */
const rules: readonly SignalRule[] = [
  { signal: "takes_url", parameter: isUrlParameter },
  { signal: "takes_path", parameter: isPathParameter },
  {
    signal: "takes_code",
    parameter: ({ name, description }, { words }) =>
      codeNames.test(name) || (queryNames.test(name) && languageWords.test(`${description} ${words.join(" ")}`)),
  },
  {
    signal: "takes_secret",
    parameter: ({ name }) => /password|secret|api_?key|^credentials?$|private_?key|access_?token|^env$/iu.test(name),
  },
  {
    signal: "sends_to_recipient",
    parameter: ({ name }) => /^(to|cc|bcc|recipients?|channel_?id|chat_?id|phone_?number)$/iu.test(name),
    words: /\b(comment|note|email|message|reply)\b/u,
  },
  { signal: "bulk", words: /\b(batch|bulk|many|multiple|all)\b/u },
  { signal: "permissions", words: /\b(permissions?|roles?|member|members|access|grant|protect|unprotect|invite)\b/u },
  { signal: "runs_on_host", words: /\b(shell|terminal|process|command|bash|exec)\b/u },
  {
    signal: "loads_untrusted_content",
    words:
      /\b(search|fetch|browse|crawl|extract|scrape|issues?|comments?|notes?|discussions?|emails?|messages?|page|web)\b/u,
  },
  { signal: "returns_secrets", words: /\b(credentials?|secrets?|tokens?|keys|env)\b/u },
  { signal: "irreversible", description: /\b(permanent(ly)?|irreversibl[ey]|cannot be undone|can't be undone)\b/iu },
];

const actsOnly: ReadonlySet<Signal> = new Set(["sends_to_recipient", "bulk", "permissions", "runs_on_host"]);
const readsOnly: ReadonlySet<Signal> = new Set(["loads_untrusted_content", "returns_secrets"]);

/** Pure. The signals of a definition, in the order of the policy language's list. */
export function signalsOf(definition: ReadDefinition, category: Category): readonly Signal[] {
  const name = definition.words.join(" ");
  const found = new Set(
    rules
      .filter((rule) => {
        if (category === "Read" ? actsOnly.has(rule.signal) : readsOnly.has(rule.signal)) return false;
        return (
          definition.parameters.some((parameter) => rule.parameter?.(parameter, definition) === true) ||
          rule.words?.test(name) === true ||
          rule.description?.test(definition.description) === true
        );
      })
      .map(({ signal }) => signal),
  );
  if (category === "Destructive") found.add("irreversible");
  return signals.filter((signal) => found.has(signal));
}

/** Pure. Whether the parameter holds an address. */
export function isUrlParameter({ name, format }: Parameter): boolean {
  return format === "uri" || /(^|_)(urls?|uri|webhook|endpoint)$|Ur[li]s?$/u.test(name);
}

/** Pure. Whether the parameter holds a path of files. */
export function isPathParameter({ name }: Parameter): boolean {
  return /path|file_?name|^directory$|^file$|outputDir/iu.test(name);
}
