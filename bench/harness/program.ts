import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

/** A process under test. Ended with `end`, or when this process ends. */
export interface Program {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves to the first match of a pattern in what it writes to standard error or output; rejects when it ends. */
  sees(pattern: RegExp, stream: "stdout" | "stderr"): Promise<RegExpExecArray>;
  /** CPU time it has used, user and system, milliseconds; NaN where the system does not tell. */
  cpuMs(): number;
  end(): Promise<void>;
}

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts a Node.js program. Its standard error is shown should it fail. */
export function startProgram(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  living.add(child);
  let errors = "";
  let isEnding = false;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-4_000)));
  child.stdin.on("error", () => {});
  const exited = new Promise<void>((resolve) => {
    child.on("exit", (code, signal) => {
      living.delete(child);
      if (!isEnding && code !== 0) process.stderr.write(`${args.join(" ")} ended (${code ?? signal}):\n${errors}\n`);
      resolve();
    });
  });
  return {
    child,
    sees: (pattern, stream) =>
      new Promise((resolve, reject) => {
        let text = "";
        const look = (chunk: string): void => {
          text += chunk;
          const match = pattern.exec(text);
          if (match === null) return;
          child[stream].off("data", look);
          resolve(match);
        };
        child[stream].setEncoding("utf8").on("data", look);
        void exited.then(() => reject(new Error(`${args.join(" ")} ended before it wrote ${String(pattern)}`)));
      }),
    cpuMs: () => (child.pid === undefined ? Number.NaN : cpuMsOf(child.pid)),
    end: async () => {
      isEnding = true;
      child.stdin.end();
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** Linux counts CPU time in hundredths of a second for whoever reads it (proc(5), `utime` and `stime`). */
function cpuMsOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const text = readFileSync(file, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
