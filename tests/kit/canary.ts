import { randomBytes } from "node:crypto";

/** Secrets that a test plants, to look for afterwards. */
export interface Canaries {
  /** A new secret, 32 characters that appear nowhere else. */
  plant(name: string): string;
  /** Names of the planted secrets that appear in the text or bytes; empty when all is well. */
  foundIn(output: string | Uint8Array): string[];
}

/** A set of secrets, each unlike all others. Nothing to close. */
export function createCanaries(): Canaries {
  const planted = new Map<string, string>();
  return {
    plant: (name) => {
      const secret = `canary-${randomBytes(12).toString("hex")}-`;
      planted.set(name, secret);
      return secret;
    },
    foundIn: (output) => {
      const bytes = Buffer.from(output);
      return [...planted].filter(([, secret]) => bytes.includes(secret)).map(([name]) => name);
    },
  };
}
