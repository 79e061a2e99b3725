/**
 * The patterns that name texts and nothing else, such as `^(?:usd|eur)$` or `^SELECT\b`, matched without the engine.
 * Only forms whose meaning in RE2 is plain from the text of the pattern are read; the engine has them all the same,
 * and a property test holds the two together.
 */

/** One literal: ASCII that means itself, or escaped ASCII punctuation. */
const literalForm = "(?:[ !\"#%&',/0-9:;<=>@A-Z_`a-z~-]|\\\\[!-/:-@[-`{-~])+";
const patternForm = new RegExp(
  `^(\\^)?(${literalForm}|\\((?:\\?:)?${literalForm}(?:\\|${literalForm})*\\))(\\\\b)?(\\$)?$`,
);

/**
 * Pure. A matcher equal to RE2's for a pattern of literals: any of a list of texts, tied to the start (`^`), the end
 * (`$`), both, or neither, or tied to the start and followed by a word boundary (`\b`). Undefined for other patterns.
 * `isWhole`: the whole text must match, whatever the pattern says of its ends.
 */
export function literalMatcher(pattern: string, isWhole: boolean): ((text: string) => boolean) | undefined {
  const match = patternForm.exec(pattern);
  if (match === null) return undefined;
  const [, start, body = "", boundary, end] = match;
  const literals = splitLiterals(body);
  if (boundary !== undefined) {
    if (isWhole || start === undefined || end !== undefined) return undefined;
    return anyOf(literals, (text, literal) => text.startsWith(literal) && isBoundary(text, literal.length));
  }
  if (isWhole || (start !== undefined && end !== undefined))
    return anyOf(literals, (text, literal) => text === literal);
  if (start !== undefined) return anyOf(literals, (text, literal) => text.startsWith(literal));
  if (end !== undefined) return anyOf(literals, (text, literal) => text.endsWith(literal));
  return anyOf(literals, (text, literal) => text.includes(literal));
}

type Fits = (text: string, literal: string) => boolean;

function anyOf(literals: readonly string[], fits: Fits): (text: string) => boolean {
  const [first = ""] = literals;
  if (literals.length === 1) return (text) => fits(text, first);
  return (text) => {
    for (const literal of literals) if (fits(text, literal)) return true;
    return false;
  };
}

/** Takes the group off, splits at bars that are not escaped, and takes the escapes off. */
function splitLiterals(body: string): string[] {
  const list = body.startsWith("(") ? body.replace(/^\((?:\?:)?/, "").slice(0, -1) : body;
  const literals = [""];
  for (const [piece] of list.matchAll(/\\?[^]/g)) {
    if (piece === "|") literals.push("");
    else literals[literals.length - 1] += piece.slice(-1);
  }
  return literals;
}

/** RE2's `\b`: a word character (ASCII) on one side alone. `at` is above 0. */
function isBoundary(text: string, at: number): boolean {
  return isWordUnit(text.charCodeAt(at - 1)) !== isWordUnit(text.charCodeAt(at));
}

/** NaN, behind the end, is no word character. */
function isWordUnit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57) || unit === 95;
}
