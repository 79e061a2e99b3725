/** Writes one progress line to standard error, so that standard output carries only the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
