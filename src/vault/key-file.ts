import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../errors.ts";
import { keyBytes, type VaultKey } from "./key-ring.ts";
import { keyTextBytesMax, readKeyText } from "./key-text.ts";

const isWindows = process.platform === "win32";

/** The key in a file, or in a pipe such as `/dev/fd/3`. Throws `VAULT_KEY_INVALID`, also when others may read it. */
export function readKeyFile(path: string): VaultKey {
  const from = `the key file \`${path}\``;
  return readKeyText(readPrivate(path, from), from);
}

/** The key in a file that is made, with a new key, when it is not there. Any number of processes may ask at once. */
export function readDefaultKeyFile(path: string): VaultKey {
  if (!existsSync(path)) makeKeyFile(path);
  return readKeyFile(path);
}

function readPrivate(path: string, from: string): Buffer {
  try {
    const file = openSync(path, "r");
    try {
      // Of the open file, not of the path: nobody can put another in its place between the two looks.
      refuseShared(fstatSync(file).mode, path, from);
      return readShort(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = codeOf(error);
    const hint = why === "ENOENT" ? "it is not there" : why;
    throw new AppError("VAULT_KEY_INVALID", `${from} cannot be read (${hint}): name a readable file`, { cause: error });
  }
}

function refuseShared(mode: number, path: string, from: string): void {
  if (isWindows || (mode & 0o077) === 0) return;
  throw new AppError("VAULT_KEY_INVALID", `other users have access to ${from}: \`chmod 600 ${path}\``);
}

/** Up to one byte more than a key's text may have. */
function readShort(file: number): Buffer {
  const buffer = Buffer.alloc(keyTextBytesMax + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = readSync(file, buffer, length, buffer.length - length, null);
  }
  return buffer.subarray(0, length);
}

/** Makes the file at once with all of its text, by a link, so that nobody reads half a key. The first process wins. */
function makeKeyFile(path: string): void {
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeKey(draft);
    try {
      linkSync(draft, path);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    } finally {
      unlinkSync(draft);
    }
    syncFolder(dirname(path));
  } catch (error) {
    const message = `the key file \`${path}\` cannot be made (${codeOf(error)}): let this user write there, or name a key with \`vault\` in the configuration`;
    throw new AppError("VAULT_KEY_INVALID", message, { cause: error });
  }
}

function writeKey(path: string): void {
  const key = randomBytes(keyBytes);
  const text = Buffer.from(`${key.toString("base64")}\n`);
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
    key.fill(0);
    text.fill(0);
  }
}

/** Secrets sealed under the key must not outlive it: its name is on the disk before it is used. */
function syncFolder(path: string): void {
  if (isWindows) return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown fault";
}
