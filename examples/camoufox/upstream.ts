import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { InstalledServer } from "./install.ts";

/** What the server says of itself when nothing stands between it and the client. */
export interface DirectAnswer {
  /** Names of its tools, in its order. */
  readonly tools: readonly string[];
}

/**
 * Starts the server without Callgate, lists its tools and stops it again. With `tryBrowser` it also makes a browser
 * session. Throws when the server does not start, or answers that call with an error.
 */
export async function askDirectly(server: InstalledServer, tryBrowser: boolean): Promise<DirectAnswer> {
  const transport = new StdioClientTransport({
    command: server.command,
    args: [...server.args],
    env: { ...server.env },
    stderr: "ignore",
  });
  const client = new Client({ name: "callgate-example", version: "1.0.0" });
  await client.connect(transport);
  try {
    const { tools } = await client.listTools();
    if (tryBrowser) {
      const answer = await client.callTool({ name: "create_session", arguments: {} });
      if (answer.isError === true) throw new Error(`create_session failed: ${JSON.stringify(answer.content)}`);
    }
    return { tools: tools.map((tool) => tool.name) };
  } finally {
    await client.close();
  }
}
