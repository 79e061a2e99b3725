import { stripVTControlCharacters } from "node:util";
import { visibleText } from "../catalogue/checks/visible-text.ts";
import { hideSecrets } from "../gateway/hide-secrets.ts";

const linesMax = 5;

/** The last lines that a server wrote to its standard error: why it ended is often said there, and nowhere else. */
export interface LastWords {
  push(line: string): void;
  /** At most five lines, each cut to 160 characters, made visible and without the secrets; `""` when it said nothing. */
  text(): string;
}

/** Keeps the last lines of one server that was given these secrets. */
export function createLastWords(secrets: readonly string[]): LastWords {
  let lines: readonly string[] = [];
  return {
    push: (line) => {
      // Places in a stack say nothing to whoever did not write the server.
      if (/^\s*(?:at .*)?$/u.test(line)) return;
      lines = [...lines, line].slice(-linesMax);
    },
    text: () => lines.map((line) => visibleText(stripVTControlCharacters(withoutSecrets(line, secrets)))).join(" | "),
  };
}

function withoutSecrets(line: string, secrets: readonly string[]): string {
  return Buffer.from(hideSecrets(Buffer.from(line), secrets)).toString("utf8");
}
