import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { AppError } from "../errors.ts";

/** An API token for one gateway. */
export interface KeptToken {
  readonly token: string;
  /** By which it is revoked; null for one that was given. */
  readonly tokenId: string | null;
  /** Who it is of, for people. */
  readonly name: string;
}

/** The tokens of this user's command line, by origin. */
export interface KeptTokens {
  /** The gateway that is meant when none is named; the last signed in to. */
  readonly current: string | undefined;
  readonly gateways: Readonly<Record<string, KeptToken>>;
}

const schema = z.object({
  current: z.string().optional(),
  gateways: z.record(z.string(), z.object({ token: z.string(), tokenId: z.string().nullable(), name: z.string() })),
});

/** Reads the file; without one nothing is kept. Throws `FILE_UNREADABLE`, also when others may read it. */
export function readKeptTokens(file: string): KeptTokens {
  if (!existsSync(file)) return { current: undefined, gateways: {} };
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
    throw new AppError("FILE_UNREADABLE", `other users have access to \`${file}\`: \`chmod 600 ${file}\``);
  }
  try {
    const { current, gateways } = schema.parse(JSON.parse(readFileSync(file, "utf8")));
    return { current, gateways };
  } catch (error) {
    const message = `\`${file}\` is not what \`callgate login\` writes: remove it and sign in again`;
    throw new AppError("FILE_UNREADABLE", message, { cause: error });
  }
}

/** Replaces the file in one step, for this user alone (mode 0600). Throws the file system's errors. */
export function writeKeptTokens(file: string, tokens: KeptTokens): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, `${JSON.stringify(tokens, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}
