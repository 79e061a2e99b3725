import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listSchema, readCall, type PeerSession, type Target } from "./peer.ts";
import { ensurePackage } from "./packages.ts";

/** What of the older SDK's client is used; its own types are not there when this is compiled. */
interface ClientV1 {
  connect(transport: unknown): Promise<void>;
  listTools(): Promise<unknown>;
  callTool(params: { readonly name: string; readonly arguments: unknown }): Promise<unknown>;
  close(): Promise<void>;
}

async function construct(file: string, name: string, ...args: readonly unknown[]): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(join(ensurePackage("sdkV1"), file)).href);
  const made: unknown = typeof module === "object" && module !== null ? Reflect.get(module, name) : undefined;
  if (typeof made !== "function") throw new Error(`${file} of the SDK has no ${name}`);
  return Reflect.construct(made, args);
}

function isClient(value: unknown): value is ClientV1 {
  return typeof value === "object" && value !== null && "callTool" in value;
}

/** Connects the client of SDK v1, over stdio or Streamable HTTP. */
export async function openSdkV1(target: Target): Promise<PeerSession> {
  const client = await construct("index.js", "Client", { name: "sdk-v1", version: "1.0.0" });
  if (!isClient(client)) throw new Error("the SDK's client cannot call tools");
  const transport =
    target.kind === "http"
      ? await construct("streamableHttp.js", "StreamableHTTPClientTransport", new URL(target.url), {
          requestInit: { headers: { Authorization: `Bearer ${target.token}` } },
        })
      : await construct("stdio.js", "StdioClientTransport", {
          command: target.command,
          args: [...target.args],
          env: { ...target.env },
          stderr: "ignore",
        });
  await client.connect(transport);
  return {
    revision: undefined,
    list: async () => listSchema.parse(await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => readCall(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}
