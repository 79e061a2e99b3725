/** Shorter values are no secrets, and may occur anywhere. */
const secretLengthMin = 8;

/** What credentials are sent under. */
export const credentialName: RegExp = /auth|cookie|credential|key|passw|secret|signature|token/i;

/** A run that looks random: long, of letters and digits. Whatever it is sent under, it may be a credential. */
const randomRun = /(?=[\w+/=.~-]*\d)(?=[\w+/=.~-]*[A-Za-z])[\w+/=.~-]{20,}/;

const shown = "[redacted]";

/**
 * Pure. What of these headers a server must not be able to show to a client: the values of those that are credentials by
 * their name or their look, without a scheme too. Others (`X-Region: us-east-1`) are words that results are full of.
 */
export function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  const found = Object.entries(headers).filter(([name, value]) => credentialName.test(name) || randomRun.test(value));
  return spellingsOf(found.map(([, value]) => value));
}

/** An address with a password in it. */
const withPassword = /:\/\/[^/@\s]*:[^/@\s]+@/;

/** Pure. The same of the variables that a server's process is given, which name files and folders too. */
export function secretsInVariables(variables: Readonly<Record<string, string>>): readonly string[] {
  const isSecret = (name: string, value: string): boolean =>
    credentialName.test(name) || withPassword.test(value) || (randomRun.test(value) && !/[/\\]/.test(value));
  const found = Object.entries(variables).filter(([name, value]) => isSecret(name, value));
  return spellingsOf(found.map(([, value]) => value));
}

/** Pure. How these secrets may stand in JSON, with and without a scheme before them, the longest first. */
export function spellingsOf(secrets: readonly string[]): readonly string[] {
  const values = secrets.flatMap((value) => [value, value.replace(/^[A-Za-z]+ +/, "")]);
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
