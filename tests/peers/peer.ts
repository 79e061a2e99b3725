import { z } from "zod";
import type { JsonObject } from "../kit/messages.ts";

/** Where a client finds its server: an address with a token, or a command to start. */
export type Target =
  | { readonly kind: "http"; readonly url: string; readonly token: string; readonly home: string }
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly home: string;
    };

/** What a client makes of the answer to a call. */
export interface CallAnswer {
  readonly isError: boolean;
  readonly text: string;
}

/** A real client, connected. */
export interface PeerSession {
  /** The revision it settled on; undefined when it does not say. */
  readonly revision: string | undefined;
  list(): Promise<readonly string[]>;
  call(tool: string, args: JsonObject): Promise<CallAnswer>;
  close(): Promise<void>;
}

/** A real client. */
export interface Peer {
  /** Package, version, and how it is set. */
  readonly name: string;
  /** Which ways it can go: to `callgate run` over stdio, to `callgate serve` over HTTP, to the second through the first. */
  readonly ways: readonly ("run" | "serve" | "bridge")[];
  /** The newest era it will speak, and whether it speaks no other. */
  readonly era: "legacy" | "modern" | "modern only";
  open(target: Target): Promise<PeerSession>;
}

/** `tools/list` as far as it is looked at. */
export const listSchema: z.ZodType<{ readonly tools: readonly { readonly name: string }[] }> = z.object({
  tools: z.array(z.object({ name: z.string() })),
});

const callSchema = z.object({
  isError: z.boolean().optional(),
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
});

/** Reads the result of a `tools/call`. Throws when it is none. */
export function readCall(result: unknown): CallAnswer {
  const { isError = false, content } = callSchema.parse(result);
  return { isError, text: content.map(({ text = "" }) => text).join("\n") };
}
