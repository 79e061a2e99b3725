/** Pure. Case folded as the loosest readers do: `ſ` (long s) is `s`, the Kelvin sign is `k`, dotless `ı` is `i`. */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

const folding = /^[\0-\x7f]*[\u017f\u212a][\0-\x7f\u017f\u212a]*$/;

/**
 * Pure. Whether text becomes ASCII by Unicode's simple case folding, which only the long s and the Kelvin sign do
 * (Unicode, CaseFolding.txt): a reader that ignores case takes it for an ASCII name.
 */
export function foldsToAscii(text: string): boolean {
  return folding.test(text);
}
