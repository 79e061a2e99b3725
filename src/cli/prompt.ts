import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { UsageError } from "./command.ts";

/** Asks a person at the terminal. Throws {@link UsageError} where there is none: `instead` says what to do then. */
export async function ask(question: string, instead: string): Promise<string> {
  const lines = openTerminal(process.stderr, instead);
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

/** As {@link ask}, without showing what is typed. */
export async function askHidden(question: string, instead: string): Promise<string> {
  // The terminal itself shows nothing while lines are edited; what would show them goes nowhere.
  const lines = openTerminal(new Writable({ write: (_chunk, _encoding, done) => done() }), instead);
  process.stderr.write(question);
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}

/** All of standard input, without the line end behind it: for secrets that a script passes. */
export async function readStdin(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}

function openTerminal(output: NodeJS.WritableStream, instead: string): Interface {
  if (!process.stdin.isTTY) throw new UsageError(`there is no terminal to ask at: ${instead}`);
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  lines.once("SIGINT", () => process.exit(130));
  return lines;
}
