import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closeLater } from "./opened.ts";
import { until, within } from "./wait.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running `callgate`. */
export interface CallgateProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when it has ended and its output is complete. */
  readonly exit: Promise<Exit>;
  /** Everything on standard error so far. */
  stderr(): string;
  /** Waits for standard error to match; the match. Throws when the process ends first. */
  sees(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
}

const runner = fileURLToPath(new URL("callgate.ts", import.meta.url));

/** How long a gateway may take to stop when asked nicely, milliseconds. */
const stopMs = 20_000;

/** Starts `callgate` from `src/` with a data folder of its own, in a folder. Ended by `closeAll`. `env` is added to what is needed. */
export function startCallgate(
  args: readonly string[],
  home: string,
  env: Readonly<Record<string, string>> = {},
  folder: string = process.cwd(),
): CallgateProcess {
  const child = spawn(process.execPath, [runner, ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      CALLGATE_HOME: home,
      NO_COLOR: "1",
      // Stripping types once for all processes of a test run; a cache, so it may be anywhere and old.
      NODE_COMPILE_CACHE: join(tmpdir(), "callgate-compile-cache"),
      ...env,
    },
  });
  let stderr = "";
  let ended: Exit | undefined;
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  child.stdin.on("error", () => {});
  const exit = new Promise<Exit>((resolve) => {
    child.on("error", (error) => {
      stderr += String(error);
      resolve({ code: null, signal: null });
    });
    child.on("close", (code, signal) => resolve((ended = { code, signal })));
  });
  const kill = async (signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> => {
    if (ended === undefined) child.kill(signal);
    return within(`callgate to end after ${signal}; it said: ${stderr}`, exit, stopMs);
  };
  closeLater(async () => {
    try {
      await kill();
    } finally {
      child.kill("SIGKILL");
    }
  });
  return {
    child,
    exit,
    stderr: () => stderr,
    sees: async (pattern) => {
      const match = await until(`${String(pattern)} on standard error, which holds: ${stderr}`, () => {
        const found = pattern.exec(stderr);
        if (found !== null) return found;
        return ended === undefined ? undefined : ("ended" as const);
      });
      if (match === "ended") throw new Error(`callgate ended (${JSON.stringify(ended)}) and said: ${stderr}`);
      return match;
    },
    kill,
  };
}
