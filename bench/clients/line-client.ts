import type { Readable, Writable } from "node:stream";
import { readLines } from "../programs/lines.ts";
import type { Lane } from "./lane.ts";
import { callText, requestText } from "./messages.ts";

const idPattern = /"id":(\d+)/;

/** A client on standard streams, without any SDK; any number of lanes share it. */
export function openLineClient(output: Writable, input: Readable): Lane {
  const waiting = new Map<string, (text: string) => void>();
  readLines(input, (line) => {
    const id = idOf(line);
    waiting.get(id)?.(line);
    waiting.delete(id);
  });
  const send = (text: string): Promise<string> =>
    new Promise((resolve) => {
      waiting.set(idOf(text), resolve);
      output.write(`${text}\n`);
    });
  return {
    call: () => send(callText()),
    ask: (method, params) => send(requestText(method, params)),
    close: () => output.end(),
  };
}

function idOf(text: string): string {
  return idPattern.exec(text)?.[1] ?? "";
}
