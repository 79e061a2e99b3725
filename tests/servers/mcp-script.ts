import type { ServerResponse } from "node:http";
import { legacyVersion } from "../kit/messages.ts";
import { type ScriptedServer, type SeenRequest, sendJson, startScriptedServer } from "./http-script.ts";

/** A JSON-RPC message as data. */
export type Message = Readonly<Record<string, unknown>>;

/** What a test's MCP server does beyond the handshake and its list of tools. */
export interface McpScript {
  /** Answers a request; false leaves it to the server. */
  readonly request?: (message: Message, res: ServerResponse, seen: SeenRequest) => boolean;
  /** Answers a GET; without it there is no such stream (405). */
  readonly listen?: (seen: SeenRequest, res: ServerResponse) => void;
  /** Sees what needs no answer: notifications and responses. */
  readonly note?: (message: Message) => void;
}

const tools = ["safe", "evil"].map((name) => ({ name, inputSchema: { type: "object" } }));

/** Starts an MCP server over HTTP of both eras, with the tools `safe` and `evil`, that does what a test scripts. */
export function startMcpServer(script: McpScript = {}): Promise<ScriptedServer> {
  return startScriptedServer((seen, res) => {
    if (seen.method === "GET" && script.listen !== undefined) return script.listen(seen, res);
    if (seen.method !== "POST") return void res.writeHead(405).end();
    const message: Message = JSON.parse(seen.body);
    const { id, method } = message;
    if (id === undefined || method === undefined) {
      script.note?.(message);
      return void res.writeHead(202).end();
    }
    if (script.request?.(message, res, seen) === true) return;
    const result = method === "initialize" ? handshake : method === "tools/list" ? { tools } : { content: [] };
    sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, result: { resultType: "complete", ...result } }));
  });
}

const handshake = {
  protocolVersion: legacyVersion,
  capabilities: { tools: {} },
  serverInfo: { name: "script", version: "1" },
};
