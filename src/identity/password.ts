import * as crypto from "node:crypto";
import { promisify } from "node:util";
import { AppError } from "../errors.ts";

/** The least length of a new password, characters. */
export const passwordLengthMin = 12;

/** The greatest length of any password, bytes of UTF-8: more is not looked at. */
export const passwordBytesMax = 1_024;

/** Why a text cannot be a new password; undefined when it can. Pure. */
export function newPasswordFault(password: string): string | undefined {
  if (Array.from(password).length < passwordLengthMin) return `a password has at least ${passwordLengthMin} characters`;
  return isTooLong(password) ? `a password has at most ${passwordBytesMax} bytes` : undefined;
}

/** Whether a text is too long to be anybody's password. Pure. */
export function isTooLong(password: string): boolean {
  return Buffer.byteLength(password) > passwordBytesMax;
}

/** Hashes passwords and compares with hashes, of which only a few are under way at once. */
export interface PasswordHasher {
  /** A hash with all that is needed to compare with it (PHC string format). Throws `TOO_MANY_ATTEMPTS`. */
  hash(password: string): Promise<string>;
  /**
   * Whether a password is the one of a hash. Without a hash (nobody has that name, or no password) it is false after
   * the same work. Throws `TOO_MANY_ATTEMPTS`.
   */
  matches(password: string, hash: string | undefined): Promise<boolean>;
}

/** Argon2 is in Node from version 24.7 on. */
const hasArgon2 = "argon2" in crypto;

/** How many passwords are in hand at once, worked on or waiting; whoever comes then is asked to come again. */
const jobsMax = 4;

/** How many are worked on at once: of Node's four threads for such work, half stay free for others. */
const runningMax = 2;

/**
 * Argon2id as RFC 9106 §4 has it for 64 MiB, or where Node has no Argon2, scrypt (RFC 7914) with N = 2^17, r = 8,
 * p = 1. Nothing to close.
 */
export function createPasswordHasher(): PasswordHasher {
  let jobs = 0;
  let running = 0;
  const waiting: (() => void)[] = [];
  // What is compared with when there is nothing to compare with: nobody knows a text of this hash.
  const dummy = phc(crypto.randomBytes(saltBytes), crypto.randomBytes(hashBytes));

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (jobs >= jobsMax) {
      const data = { retryAfterSeconds: 1 };
      throw new AppError("TOO_MANY_ATTEMPTS", "too many sign-ins at once: try again in a moment", { data });
    }
    jobs += 1;
    try {
      if (running >= runningMax) await new Promise<void>((resolve) => waiting.push(resolve));
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        waiting.shift()?.();
      }
    } finally {
      jobs -= 1;
    }
  };
  return {
    hash: (password) => inTurn(() => hashNew(password)),
    matches: (password, hash) =>
      inTurn(async () => {
        const isRight = await compare(password, hash ?? dummy);
        return isRight && hash !== undefined;
      }),
  };
}

const saltBytes = 16;
const hashBytes = 32;

const argon2idCost = { memory: 65_536, passes: 3, parallelism: 4 };
const scryptCost = { ln: 17, r: 8, p: 1 };

type Argon2idCost = typeof argon2idCost;
type ScryptCost = typeof scryptCost;

async function hashNew(password: string): Promise<string> {
  const salt = crypto.randomBytes(saltBytes);
  const derived = await (hasArgon2 ? argon2id(password, salt, argon2idCost) : scrypt(password, salt, scryptCost));
  return phc(salt, derived);
}

/** The text of a hash with the costs of this program. */
function phc(salt: Buffer, derived: Buffer): string {
  const { memory, passes, parallelism } = argon2idCost;
  const { ln, r, p } = scryptCost;
  const cost = hasArgon2 ? `argon2id$v=19$m=${memory},t=${passes},p=${parallelism}` : `scrypt$ln=${ln},r=${r},p=${p}`;
  return `$${cost}$${base64(salt)}$${base64(derived)}`;
}

/** The costs that this program would ever have written: a row that says more is not worked on. */
const argon2idPattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,88})\$([A-Za-z0-9+/]{43})$/;
const scryptPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,88})\$([A-Za-z0-9+/]{43})$/;

async function compare(password: string, hash: string): Promise<boolean> {
  const [, memory, passes, parallelism, argonSalt = "", argonHash = ""] = argon2idPattern.exec(hash) ?? [];
  if (memory !== undefined) {
    if (!hasArgon2) {
      const message =
        "this password was hashed by Argon2, which needs Node.js 24.7 or later: start the gateway with it";
      throw new AppError("INTERNAL", message);
    }
    const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
    return isSame(argonHash, await argon2id(password, Buffer.from(argonSalt, "base64"), cost));
  }
  const [, ln, r, p, scryptSalt = "", scryptHash = ""] = scryptPattern.exec(hash) ?? [];
  if (ln === undefined) throw new AppError("STORE_CORRUPT", "a stored password hash cannot be read");
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  return isSame(scryptHash, await scrypt(password, Buffer.from(scryptSalt, "base64"), cost));
}

function argon2id(message: string, nonce: Buffer, cost: Argon2idCost): Promise<Buffer> {
  return promisify(crypto.argon2)("argon2id", { message, nonce, tagLength: hashBytes, ...cost });
}

function scrypt(password: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** ln;
  return new Promise((resolve, reject) => {
    crypto.scrypt(password, salt, hashBytes, { N, r, p, maxmem: 256 * N * r }, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
}

function isSame(expected: string, derived: Buffer): boolean {
  return crypto.timingSafeEqual(Buffer.from(expected, "base64"), derived);
}

/** Base64 without padding, as PHC strings have it. */
function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
