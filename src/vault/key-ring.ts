import { createHash, createSecretKey, type KeyObject } from "node:crypto";
import { AppError } from "../errors.ts";

/** Length of a key, bytes: AES-256. */
export const keyBytes = 32;

/** A root key. `key` prints as nothing. */
export interface VaultKey {
  /** 16 hex digits: the start of a digest of the key, from which the key cannot be found. */
  readonly id: string;
  readonly key: KeyObject;
}

/** The keys of a vault: all of them open, only `current` seals. */
export interface KeyRing {
  readonly current: VaultKey;
  /** In any order, none of them `current`. Keys that are to come may be among them. */
  readonly previous: readonly VaultKey[];
}

/** A key from its 32 bytes, which are copied: wipe yours. Throws `VAULT_KEY_INVALID` for another length. */
export function createVaultKey(bytes: Uint8Array): VaultKey {
  if (bytes.length !== keyBytes) throw new AppError("VAULT_KEY_INVALID", `a key has ${keyBytes} bytes`);
  const digest = createHash("sha256").update("callgate vault key id 1\n").update(bytes).digest("hex");
  return { id: digest.slice(0, 16), key: createSecretKey(bytes) };
}
