import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { UsageError } from "./command.ts";

/** Asks a person at the terminal. Throws {@link UsageError} where there is none: `instead` says what to do then. */
export async function ask(question: string, instead: string): Promise<string> {
  demandTerminal(instead);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

const keys = { end: ["\r", "\n", "\u0004"], interrupt: "\u0003", erase: ["\u007f", "\b"] } as const;

/** As {@link ask}, without showing what is typed. */
export async function askHidden(question: string, instead: string): Promise<string> {
  demandTerminal(instead);
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  try {
    let typed = "";
    for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
      for (const key of String(chunk)) {
        if (key === keys.interrupt) process.exit(130);
        if (keys.end.some((one) => one === key)) return typed;
        if (keys.erase.some((one) => one === key)) typed = typed.replace(/.$/su, "");
        else typed += key;
      }
    }
    return typed;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

/** All of standard input, without the line end behind it: for secrets that a script passes. */
export async function readStdin(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}

function demandTerminal(instead: string): void {
  if (!process.stdin.isTTY) throw new UsageError(`there is no terminal to ask at: ${instead}`);
}
