/** Why a number's text is refused where numbers must be held exactly (policy.md §2, Numbers). */
export type NumberFault = "number_out_of_range" | "unsafe_integer" | "number_not_exact";

const numberParts = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Pure. Whether a double holds the JSON number as it is written: its exact decimal value equals that of the double's
 * shortest form, and an integer lies within ±(2^53-1) in any spelling. `100.0` and `1e2` are fine, `1e-400` and
 * `100.00000000000000001` are not. Undefined when it is, and for text that is no JSON number (the grammar's business).
 */
export function numberFault(text: string): NumberFault | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? undefined : "number_out_of_range";
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return "unsafe_integer";
  const shortest = String(value);
  if (shortest === text) return undefined;
  const written = normalForm(text);
  return written === undefined || written === normalForm(shortest) ? undefined : "number_not_exact";
}

/** Digits without outer zeros and a power of ten, the sign left out: a number and its double never differ in it. */
function normalForm(text: string): string | undefined {
  const parts = numberParts.exec(text);
  if (parts === null) return undefined;
  const [, whole = "", fraction = "", exponent = "0"] = parts;
  const digits = stripLeadingZeros(whole + fraction);
  if (digits === "") return "0";
  const significant = stripTrailingZeros(digits);
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

function stripLeadingZeros(digits: string): string {
  let start = 0;
  while (digits.charCodeAt(start) === 48) start += 1;
  return digits.slice(start);
}

function stripTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end -= 1;
  return digits.slice(0, end);
}
