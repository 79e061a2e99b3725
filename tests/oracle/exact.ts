/**
 * Exact decimals on BigInt, kept apart from the gateway's own so that a mistake there is not repeated here.
 * A value is `units` divided by ten to the power of `places`.
 */
export interface Exact {
  readonly units: bigint;
  readonly places: number;
}

export const zero: Exact = { units: 0n, places: 0 };

/** Pure. The exact value of a decimal text with an optional exponent, or undefined for any other text. */
export function exactOfText(text: string): Exact | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = match[3] ?? "";
  const exponent = Number(match[4] ?? "0");
  const sign = match[1] === "-" ? -1n : 1n;
  const digits = sign * BigInt((match[2] ?? "") + fraction);
  const places = fraction.length - exponent;
  return places >= 0 ? { units: digits, places } : { units: digits * 10n ** BigInt(-places), places: 0 };
}

/** Pure. The exact value of a double's shortest decimal form. */
export function exactOfNumber(value: number): Exact {
  const exact = exactOfText(String(value));
  if (exact === undefined) throw new Error(`not a finite number: ${value}`);
  return exact;
}

/** Pure. The sum of two values. */
export function add(a: Exact, b: Exact): Exact {
  const places = Math.max(a.places, b.places);
  return { units: unitsAt(a, places) + unitsAt(b, places), places };
}

/** Pure. Negative when a is below b, zero when equal, positive when above. */
export function compare(a: Exact, b: Exact): number {
  const places = Math.max(a.places, b.places);
  const difference = unitsAt(a, places) - unitsAt(b, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * Pure. Digits before the point without leading zeros, and digits after it without trailing zeros: `0.050` has 0 and 2.
 */
export function digitCounts(value: Exact): { readonly before: number; readonly after: number } {
  const digits = (value.units < 0n ? -value.units : value.units).toString().padStart(value.places + 1, "0");
  const before = digits.slice(0, digits.length - value.places).replace(/^0+/, "");
  const after = digits.slice(digits.length - value.places).replace(/0+$/, "");
  return { before: before.length, after: value.places === 0 ? 0 : after.length };
}

function unitsAt(value: Exact, places: number): bigint {
  return value.units * 10n ** BigInt(places - value.places);
}
