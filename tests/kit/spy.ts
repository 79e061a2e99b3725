import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The server behind every gateway of the kit, and the witness of what reached it: `tests/servers/echo-server.ts`. */
export const echoServer: string = fileURLToPath(new URL("../servers/echo-server.ts", import.meta.url));

/** What reached a server, from its own log: all processes that were started for that server write to one file. */
export interface Spy {
  /** Every byte so far. */
  bytes(): Buffer;
  /** How many bytes so far; hand it to {@link Spy.linesAfter}. */
  size(): number;
  /** The lines that came after the first `size` bytes, without line ends. */
  linesAfter(size: number): string[];
  /** All lines that ask for a tool, in order. */
  calls(): string[];
  /** Ids of the server's processes, oldest first. */
  pids(): number[];
}

/** Reads the log and the process ids that an echo server leaves at these paths. Pure reading: nothing to close. */
export function readSpy(logFile: string, pidsFile: string): Spy {
  const read = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));
  const linesOf = (bytes: Buffer): string[] =>
    bytes
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "");
  return {
    bytes: () => read(logFile),
    size: () => read(logFile).length,
    linesAfter: (size) => linesOf(read(logFile).subarray(size)),
    calls: () => linesOf(read(logFile)).filter((line) => line.includes('"tools/call"')),
    pids: () => linesOf(read(pidsFile)).map(Number),
  };
}

/** Whether a process with that id runs. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
