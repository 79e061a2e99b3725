const backslash = 92;
const letterU = 117;

/**
 * Pure. How many bytes the escape `\uXXXX` at `at` takes: 6, or 12 for a surrogate pair of two escapes. -1 when it is
 * half a pair. (Text decoded from UTF-8 holds no halves outside escapes.)
 */
export function unicodeEscapeWidth(bytes: Uint8Array, at: number): number {
  const unit = hexUnit(bytes, at + 2);
  if (!(unit >= 0xd800 && unit <= 0xdfff)) return 6;
  if (unit >= 0xdc00 || bytes[at + 6] !== backslash || bytes[at + 7] !== letterU) return -1;
  const next = hexUnit(bytes, at + 8);
  return next >= 0xdc00 && next <= 0xdfff ? 12 : -1;
}

/** The UTF-16 unit that four hexadecimal digits name; not a number when they are none. */
function hexUnit(bytes: Uint8Array, at: number): number {
  return Number.parseInt(String.fromCharCode(...bytes.subarray(at, at + 4)), 16);
}
