/** Shorter values are no secrets, and may occur anywhere. */
const secretLengthMin = 8;

const shown = "[redacted]";

/** Pure. What of these headers a server must not be able to show to a client: their values, without a scheme too. */
export function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  const values = Object.values(headers).flatMap((value) => [value, value.replace(/^[A-Za-z]+ +/, "")]);
  const spellings = values.flatMap((value) => {
    const json = JSON.stringify(value).slice(1, -1);
    return [value, json, json.replaceAll("/", String.raw`\/`)];
  });
  // The longest first, so that no part of one is left when a shorter one is in it.
  return [...new Set(spellings)]
    .filter(({ length }) => length >= secretLengthMin)
    .toSorted((a, b) => b.length - a.length);
}

/** Pure. A server's message without these secrets; the same bytes when it holds none. */
export function hideSecrets(bytes: Uint8Array, secrets: readonly string[]): Uint8Array {
  if (secrets.length === 0) return bytes;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!secrets.some((secret) => buffer.includes(secret))) return bytes;
  // One byte a character, both ways: what is not the secret stays as it is, UTF-8 or not.
  let text = buffer.toString("latin1");
  for (const secret of secrets) text = text.replaceAll(Buffer.from(secret, "utf8").toString("latin1"), shown);
  return Buffer.from(text, "latin1");
}
