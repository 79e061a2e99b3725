import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { ensurePackage } from "./packages.ts";
import { type Peer, type PeerSession, readCall, type Target } from "./peer.ts";
import { type InspectorEra, openInspector, openMcporter } from "./programs.ts";
import { openSdkV1 } from "./sdk-v1.ts";

const every = ["run", "serve", "bridge"] as const;

/** How SDK v2 settles on an era: the handshake alone, the newer era where the server speaks it, or nothing else. */
type Mode = "legacy" | "auto" | "modern";

const eras = { legacy: "legacy", auto: "modern", modern: "modern only" } as const;

function sdkV2(mode: Mode): Peer {
  return { name: `SDK v2 2.4.0, ${mode}`, ways: every, era: eras[mode], open: (target) => openSdkV2(target, mode) };
}

function inspector(era: InspectorEra): Peer {
  const open = (target: Target): Promise<PeerSession> => openInspector(target, era);
  return { name: `Inspector 2.12.0, ${era}`, ways: every, era: eras[era], open };
}

/** The clients, each in every era it can be set to. */
export const peers: readonly Peer[] = [
  { name: "SDK v1 1.32.2", ways: every, era: "legacy", open: openSdkV1 },
  sdkV2("legacy"),
  sdkV2("auto"),
  sdkV2("modern"),
  inspector("legacy"),
  inspector("auto"),
  inspector("modern"),
  { name: "mcp-remote 0.15.1", ways: ["serve"], era: "legacy", open: openMcpRemote },
  { name: "mcporter 0.12.3", ways: every, era: "legacy", open: openMcporter },
];

/** The SDK's client, version 2. */
export async function openSdkV2(target: Target, mode: Mode): Promise<PeerSession> {
  const client = new Client(
    { name: "sdk-v2", version: "1.0.0" },
    { versionNegotiation: { mode: mode === "modern" ? { pin: "2026-07-28" } : mode } },
  );
  await client.connect(
    target.kind === "http"
      ? new StreamableHTTPClientTransport(new URL(target.url), {
          requestInit: { headers: { Authorization: `Bearer ${target.token}` } },
        })
      : new StdioClientTransport({
          command: target.command,
          args: [...target.args],
          env: { ...target.env },
          stderr: "ignore",
        }),
  );
  return {
    revision: client.getNegotiatedProtocolVersion(),
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => readCall(await client.callTool({ name, arguments: { ...args } })),
    close: () => client.close(),
  };
}

/** mcp-remote gives a client that only speaks stdio a server over HTTP. */
async function openMcpRemote(target: Target): Promise<PeerSession> {
  if (target.kind !== "http") throw new Error("mcp-remote leads to servers over HTTP only");
  const header = ["--header", `Authorization: Bearer ${target.token}`];
  return openSdkV2(
    {
      kind: "stdio",
      command: process.execPath,
      args: [ensurePackage("mcpRemote"), target.url, ...header, "--transport", "http-only"],
      env: { PATH: process.env["PATH"] ?? "", HOME: target.home, MCP_REMOTE_CONFIG_DIR: target.home },
      home: target.home,
    },
    "legacy",
  );
}
