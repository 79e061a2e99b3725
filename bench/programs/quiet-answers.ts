import { plainTools, ruledTool } from "../workload.ts";

/**
 * What the server behind every round trip answers: as little work as an MCP server can do, both eras, results of about
 * 1 KB. Pure.
 */

const version = "2026-07-28";
const serverInfo = { name: "quiet-server", version: "1.0.0" };
const capabilities = { tools: {} };
const cache = { ttlMs: 60_000, cacheScope: "public" };
const meta = { "io.modelcontextprotocol/serverInfo": serverInfo };
const tools = [ruledTool, ...plainTools(40)].map((name) => ({
  name,
  description: "A tool of the benches.",
  inputSchema: { type: "object" },
}));
const callResult = JSON.stringify({
  resultType: "complete",
  content: [{ type: "text", text: "r".repeat(850) }],
  isError: false,
  _meta: meta,
});

/** The answer to one message as JSON text; undefined for a notification. */
export function quietAnswer(text: string): string | undefined {
  const message: unknown = JSON.parse(text);
  if (typeof message !== "object" || message === null || !("method" in message) || !("id" in message)) return undefined;
  return `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},${outcomeOf(message.method)}}`;
}

function outcomeOf(method: unknown): string {
  switch (method) {
    case "tools/call":
      return `"result":${callResult}`;
    case "tools/list":
      return `"result":${JSON.stringify({ resultType: "complete", tools, ...cache, _meta: meta })}`;
    case "server/discover":
      return `"result":${JSON.stringify({ resultType: "complete", supportedVersions: [version], capabilities, serverInfo, ...cache, _meta: meta })}`;
    case "initialize":
      return `"result":${JSON.stringify({ protocolVersion: "2025-11-25", capabilities, serverInfo })}`;
    default:
      return `"error":{"code":-32601,"message":"Method not found"}`;
  }
}
