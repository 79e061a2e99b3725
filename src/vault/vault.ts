import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../values/canonical.ts";
import { keyBytes, type KeyRing, type VaultKey } from "./key-ring.ts";
import { type Bound, readSealed, type SealedParts, writeSealed } from "./sealed-text.ts";
import { Secret } from "./secret.ts";

/** The one place where a sealed text opens. The install id is the vault's own. */
export interface Binding {
  readonly recordId: string;
  /** A whole number, of the record's version. */
  readonly version: number;
  /** Where the secret may be sent, such as `https://api.example.com`. */
  readonly origin: string;
}

/**
 * Seals secrets for a store that may be read by others (NIST SP 800-38D: AES-256-GCM). Each secret has a random data
 * key of its own, which is sealed under the root key; both are bound to one record, version and origin of one install.
 */
export interface Vault {
  readonly currentKeyId: string;
  /** One line of ASCII that holds all that is needed to open it but the root key. Never the same twice. */
  seal(secret: Secret, binding: Binding): string;
  /**
   * Throws `SECRET_UNREADABLE`, which says what to do: `data.reason` is `malformed`, `unknown_key`, `other_binding` (the
   * text is of another record, version, origin or install) or `changed`.
   */
  open(sealed: string, binding: Binding): Secret;
  /** The same with its data key under the current root key; undefined when it is already. Throws as `open` does. */
  rewrap(sealed: string): string | undefined;
}

/** A vault for one install. Nothing to close. */
export function createVault({ installId, keys }: { readonly installId: string; readonly keys: KeyRing }): Vault {
  const { current } = keys;
  const byId = new Map([...keys.previous, current].map((key) => [key.id, key]));

  const boundOf = ({ recordId, version, origin }: Binding): Bound => {
    if (!Number.isSafeInteger(version)) throw new AppError("INTERNAL", "the version of a record is a whole number");
    return { install: installId, record: recordId, version, origin };
  };
  const openDataKey = ({ keyId, wrappedKey, bound }: SealedParts): Buffer =>
    unlock(rootKey(byId, keyId).key, wrappedKey, dataKeyText(bound));

  return {
    currentKeyId: current.id,
    seal: (secret, binding) => {
      const bound = boundOf(binding);
      const dataKey = randomBytes(keyBytes);
      const plain = Buffer.from(secret.reveal());
      try {
        const wrappedKey = lock(current.key, dataKey, dataKeyText(bound));
        return writeSealed({ keyId: current.id, bound, wrappedKey, body: lock(dataKey, plain, secretText(bound)) });
      } finally {
        wipe(dataKey, plain);
      }
    },
    open: (sealed, binding) => {
      const bound = boundOf(binding);
      const parts = partsOf(sealed, bound);
      const dataKey = openDataKey(parts);
      try {
        const plain = unlock(dataKey, parts.body, secretText(bound));
        const secret = Secret.of(plain.toString("utf8"));
        wipe(plain);
        return secret;
      } finally {
        wipe(dataKey);
      }
    },
    rewrap: (sealed) => {
      const parts = partsOf(sealed, { install: installId });
      const { bound, keyId } = parts;
      if (keyId === current.id) return undefined;
      const dataKey = openDataKey(parts);
      try {
        const wrappedKey = lock(current.key, dataKey, dataKeyText(bound));
        return writeSealed({ ...parts, keyId: current.id, wrappedKey });
      } finally {
        wipe(dataKey);
      }
    },
  };
}

function rootKey(keys: ReadonlyMap<string, VaultKey>, id: string): VaultKey {
  const key = keys.get(id);
  if (key !== undefined) return key;
  throw unreadable(
    "unknown_key",
    `it is sealed under the key \`${id}\`, which the vault has not: name that key under \`vault.previous\``,
  );
}

/** The parts of a text that says it belongs to what is expected. */
function partsOf(sealed: string, expected: Partial<Bound>): SealedParts {
  const parts = readSealed(sealed);
  if (parts === undefined) {
    throw unreadable(
      "malformed",
      "it is damaged or from a newer Callgate: restore it from a backup, or enter it again",
    );
  }
  const other = (["install", "record", "version", "origin"] as const).filter(
    (name) => expected[name] !== undefined && expected[name] !== parts.bound[name],
  );
  if (other.length === 0) return parts;
  throw unreadable("other_binding", `it was entered for another ${other.join(", ")}: enter it again for this one`);
}

function unreadable(reason: string, why: string): AppError {
  return new AppError("SECRET_UNREADABLE", `a stored secret cannot be opened: ${why}`, {
    data: { reason },
    publicMessage: "a stored secret cannot be opened",
  });
}

// The two layers differ in what they are bound to: the box of one never opens as the other's.

function dataKeyText(bound: Bound): string {
  return `callgate vault 1: data key\n${canonicalJson(bound)}`;
}

function secretText(bound: Bound): string {
  return `callgate vault 1: secret\n${canonicalJson(bound)}`;
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

function lock(key: KeyObject | Buffer, plain: Buffer, associated: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(associated));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unlock(key: KeyObject | Buffer, box: Buffer, associated: string): Buffer {
  const decipher = createDecipheriv(algorithm, key, box.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(associated)).setAuthTag(box.subarray(-tagBytes));
  const plain = decipher.update(box.subarray(nonceBytes, -tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    wipe(plain);
    throw unreadable("changed", "its bytes were changed: restore it from a backup, or enter it again");
  }
}

function wipe(...buffers: readonly Buffer[]): void {
  for (const buffer of buffers) buffer.fill(0);
}
