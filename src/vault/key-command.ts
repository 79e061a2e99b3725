import { spawn } from "node:child_process";
import { AppError } from "../errors.ts";
import type { VaultKey } from "./key-ring.ts";
import { keyTextBytesMax, readKeyText } from "./key-text.ts";

/** A program and its arguments, started without a shell. */
export interface KeyCommand {
  readonly command: string;
  readonly args: readonly string[];
}

const isWindows = process.platform === "win32";

/** How long the program may take, milliseconds. */
const commandLimitMs = 10_000;

/**
 * The key that a program writes to its standard output; what it says on standard error is not read. Rejects with
 * `VAULT_KEY_INVALID` when the program cannot be started, fails, takes longer than `limitMs` or writes no key; it and
 * its own children have then ended.
 */
export async function readKeyFromCommand(
  { command, args }: KeyCommand,
  environment: NodeJS.ProcessEnv,
  limitMs: number = commandLimitMs,
): Promise<VaultKey> {
  const from = `the output of the key command \`${command}\``;
  return readKeyText(await readOutput({ command, args }, environment, limitMs), from);
}

function readOutput({ command, args }: KeyCommand, environment: NodeJS.ProcessEnv, limitMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      env: environment,
      stdio: ["ignore", "pipe", "ignore"],
      // A group of its own, which can be ended as a whole.
      detached: !isWindows,
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let length = 0;

    let isSettled = false;

    const fail = (why: string, cause?: unknown): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      killGroup(child.pid);
      child.stdout.destroy();
      wipe(chunks);
      const message = `the key command \`${command}\` ${why}: run it by hand to see what it says`;
      reject(new AppError("VAULT_KEY_INVALID", message, { cause }));
    };
    const timer = setTimeout(() => fail(`took longer than ${limitMs / 1000} s`), limitMs);

    child.stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > keyTextBytesMax) fail("wrote more than a key");
    });
    child.on("error", (error) => fail("cannot be started", error));
    child.on("close", (code, signal) => {
      if (code !== 0) fail(`ended with ${code ?? signal}`);
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
      wipe(chunks);
    });
  });
}

function wipe(chunks: readonly Buffer[]): void {
  for (const chunk of chunks) chunk.fill(0);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(isWindows ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
