import { createServer } from "node:net";
import type { Peer } from "./harness/peers.ts";

/** The gateways and bridges of others that Callgate is measured beside, in the versions of November 2026. */
export const mcpProxy: Peer = { name: "mcp-proxy", version: "6.7.19", entry: "dist/bin/mcp-proxy.mjs" };
export const supergateway: Peer = { name: "supergateway", version: "4.0.0", entry: "dist/index.js" };
export const civic: Peer = { name: "@civic/passthrough-mcp-server", version: "0.12.1", entry: "dist/cli.js" };

/** A port that was free a moment ago, for programs that cannot take any. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
