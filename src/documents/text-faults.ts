import type { TextFault } from "./text-node.ts";

type Steps = readonly (string | number)[];

/** Pure. The exact decimal value of a JSON number as digits and exponent, equal for equal values: `1.50e1` is `15e0`. */
function exactForm(source: string): string {
  const [mantissa = "", exponent = "0"] = source.split(/e/i);
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${mantissa.startsWith("-") ? "-" : ""}${significant}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length)}`;
}

/** Pure. The fault of a number that another parser could read differently: its double is not exactly what is written. */
export function inexactNumberFault(source: string, value: number, offset: number, steps: Steps): TextFault | undefined {
  const isExact =
    source.length <= 400 &&
    Number.isFinite(value) &&
    exactForm(source) === exactForm(String(value)) &&
    (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (isExact) return undefined;
  return {
    code: "NUMBER_INEXACT",
    message: `the number \`${source.slice(0, 40)}\` cannot be held exactly`,
    hint: "use at most 15 significant digits, and whole numbers up to 9007199254740991",
    offset,
    steps,
  };
}

/** Pure. The fault of a text with half a surrogate pair, which no UTF-8 message can hold. */
export function unusableTextFault(value: string, offset: number, steps: Steps): TextFault | undefined {
  if (value.isWellFormed()) return undefined;
  return {
    code: "TEXT_INVALID",
    message: "the text has half of a surrogate pair",
    hint: "write both halves, or the character itself",
    offset,
    steps,
  };
}

/** Pure. The fault of a key that is repeated or that programs could take for something of their own. */
export function unusableKeyFault(
  key: string,
  isRepeated: boolean,
  offset: number,
  steps: Steps,
): TextFault | undefined {
  if (isRepeated) {
    return {
      code: "KEY_REPEATED",
      message: `the key \`${key.slice(0, 100)}\` is written twice`,
      hint: "keep one of the two",
      offset,
      steps,
    };
  }
  if (key === "__proto__") {
    return { code: "KEY_FORBIDDEN", message: "the key `__proto__` is not accepted", hint: "remove it", offset, steps };
  }
  return undefined;
}
