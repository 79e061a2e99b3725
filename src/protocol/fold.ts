const ascii = /^[\0-\x7f]*$/;

/** Pure. Case folded as the loosest readers do: `ſ` (long s) is `s`, the Kelvin sign is `k`. */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

/** Pure. Whether text that is not ASCII becomes so by folding case: some readers take it for an ASCII name. */
export function foldsToAscii(text: string): boolean {
  return !ascii.test(text) && ascii.test(foldCase(text));
}
