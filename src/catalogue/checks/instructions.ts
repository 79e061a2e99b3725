import { isAtLeast, type Sighting } from "./finding.ts";
import { phrases } from "./phrases.ts";
import { type Reading, readingsOf } from "./readings.ts";
import { excerpt } from "./visible-text.ts";

/** Letters that are no word: so many of them without a slash are no path either. */
const encodedRun =
  /(?<![\w+/=])(?<!\bdata:image\/[\w+.-]{1,20};base64,)(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])(?=[\w+/]*\d)(?=[\w+/]*[\w+]{40})[A-Za-z0-9+/]{120,}={0,2}(?![\w+/])/u;

/** Arguments that may ask for a key, by name. */
const keyArgument = /key|ssh|pem|cert|identity|credential|auth|secret/iu;

/** Searches texts for instructions; `argument` is the name of the argument that a text describes. */
export type InstructionSearch = (text: string, argument?: string) => readonly Sighting[];

/** A search that looks at each text once, however often it stands in the definitions of a server. */
export function createInstructionSearch(): InstructionSearch {
  const remembered = new Map<string, readonly Sighting[]>();
  return (text, argument = "") => {
    const mayAskForKeys = keyArgument.test(argument);
    const key = `${mayAskForKeys ? "k" : ""} ${text}`;
    const found = remembered.get(key) ?? findInstructions(text, mayAskForKeys);
    remembered.set(key, found);
    return found;
  };
}

/** Phrases of a text that speak to a model as an instruction does, one for each kind, in whichever reading of it. */
function findInstructions(text: string, mayAskForKeys: boolean): readonly Sighting[] {
  const { readings, isCut } = readingsOf(text);
  const found = new Map<string, Sighting>();
  for (const { pattern, severity, message, isOfKeys } of phrases) {
    const known = found.get(message);
    if (known !== undefined && isAtLeast(known.severity, severity)) continue;
    if (mayAskForKeys && isOfKeys === true) continue;
    const seen = firstMatch(readings, pattern);
    if (seen === undefined) continue;
    const told = seen.isEncoded ? `${message}, in encoded text` : message;
    found.set(message, { code: "instructions", severity, seen: seen.text, message: told });
  }
  const encoded = encodedRun.exec(text);
  const run: readonly Sighting[] =
    encoded === null
      ? []
      : [
          {
            code: "instructions",
            severity: "medium",
            seen: excerpt(text, encoded.index, 40),
            message: "has a long run of encoded text, which people cannot read",
          },
        ];
  const cut: readonly Sighting[] = isCut
    ? [
        {
          code: "not_looked_at",
          severity: "high",
          seen: excerpt(text, 0, 60),
          message: "has signs that stand for so much text that not all of it was looked at",
        },
      ]
    : [];
  return [...found.values(), ...run, ...cut];
}

function firstMatch(readings: readonly Reading[], pattern: RegExp): Reading | undefined {
  for (const { text, isEncoded } of readings) {
    const match = pattern.exec(text);
    if (match !== null) return { text: excerpt(text, match.index, match[0].length), isEncoded };
  }
  return undefined;
}
