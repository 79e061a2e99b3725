/**
 * An exact decimal with nine places after the point, as a whole number of billionths: `1.5` is `1_500_000_000n`.
 * Sums of money and counts are exact; nothing is ever rounded.
 */
export type Decimal = bigint;

const placesAfterPoint = 9;
const digitsBeforePointMax = 15;
const unit: Decimal = 10n ** BigInt(placesAfterPoint);

/** One, as a {@link Decimal}. */
export const one: Decimal = unit;

/** Zero, as a {@link Decimal}. */
export const zero: Decimal = 0n;

const decimalText = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Pure. Reads decimal text such as `10.00`, `-3` or `1e2`. Undefined for anything else, also for more than 15 digits
 * before or 9 after the point once leading and trailing zeros are gone.
 */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > 64) return undefined;
  const match = decimalText.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponentText = "0"] = match;
  const exponent = Number(exponentText) - fraction.length;
  const digits = (whole + fraction).replace(/^0+(?=\d)/, "");
  const trailing = /0*$/.exec(digits)?.[0].length ?? 0;
  if (digits === "0" || trailing === digits.length) return zero;
  const significant = digits.slice(0, digits.length - trailing);
  const shift = exponent + trailing;
  if (shift < -placesAfterPoint) return undefined;
  if (significant.length + shift > digitsBeforePointMax) return undefined;
  const magnitude = BigInt(significant) * 10n ** BigInt(shift + placesAfterPoint);
  return sign === "-" ? -magnitude : magnitude;
}

/** Pure. The number's shortest decimal form as a {@link Decimal}; undefined when it is not finite or has too many digits. */
export function decimalFromNumber(value: number): Decimal | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return BigInt(value) * unit;
  return parseDecimal(String(value));
}

/** Pure. Plain decimal text without exponent or trailing zeros: `1.5`, `-0.000000001`, `30`. */
export function formatDecimal(value: Decimal): string {
  const magnitude = value < 0n ? -value : value;
  const whole = magnitude / unit;
  const fraction = String(magnitude % unit)
    .padStart(placesAfterPoint, "0")
    .replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
