import type { Readable, Writable } from "node:stream";
import { readLines } from "../programs/lines.ts";
import type { Lane } from "./lane.ts";
import { callText, type Era, initializedText, initializeText, legacyRequestText, requestText } from "./messages.ts";

const idPattern = /"id":(\d+)/;

/** A lane on standard streams. */
export interface LineClient extends Lane {
  /** The legacy handshake. */
  handshake(): Promise<void>;
}

/** A client on standard streams, without any SDK; any number of lanes share it. */
export function openLineClient(output: Writable, input: Readable, era: Era = "modern"): LineClient {
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
    call: () => send(callText(era)),
    ask: (method, params) => send((era === "modern" ? requestText : legacyRequestText)(method, params)),
    handshake: async () => {
      await send(initializeText());
      output.write(`${initializedText}\n`);
    },
    close: () => output.end(),
  };
}

function idOf(text: string): string {
  return idPattern.exec(text)?.[1] ?? "";
}
