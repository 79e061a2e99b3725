import { randomBytes } from "node:crypto";
import { createRequestStateCodec, McpServer } from "@modelcontextprotocol/server";
import { registerAskingTools } from "./asking-tools.ts";
import { registerContentTools } from "./content-tools.ts";
import { registerInputRequiredTools, type State } from "./input-required-tools.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { textResult } from "./samples.ts";
import { registerStreamingTools } from "./streaming-tools.ts";

/** Which list of the server changed. */
export type ChangedList = "tools" | "prompts";

/** A key of this process only: a client's second call that lands in another process is refused, and so noticed. */
const codec = createRequestStateCodec<State>({ key: randomBytes(32) });

/** How long a client may keep lists and resources, milliseconds. */
const cacheHint = { ttlMs: 60_000, cacheScope: "public" } as const;

/**
 * One server with everything that the conformance suite asks for. `tellChanged` spreads that a list changed; without it
 * the connection of this server is told.
 */
export function createConformanceServer(tellChanged?: (list: ChangedList) => void): McpServer {
  const server = new McpServer(
    { name: "callgate-conformance-fixture", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
        completions: {},
      },
      cacheHints: {
        "tools/list": cacheHint,
        "prompts/list": cacheHint,
        "resources/list": cacheHint,
        "resources/templates/list": cacheHint,
        "resources/read": cacheHint,
      },
      requestState: { verify: (state, ctx) => codec.verify(state, ctx) },
    },
  );
  registerContentTools(server);
  registerStreamingTools(server);
  registerAskingTools(server);
  registerInputRequiredTools(server, codec);
  registerChangeTools(server, tellChanged);
  registerResources(server);
  registerPrompts(server);
  return server;
}

/** The tools that make the server say that one of its lists changed. */
function registerChangeTools(server: McpServer, tellChanged: ((list: ChangedList) => void) | undefined): void {
  const tell =
    tellChanged ?? ((list) => (list === "tools" ? server.sendToolListChanged() : server.sendPromptListChanged()));
  for (const [name, list] of [
    ["test_trigger_tool_change", "tools"],
    ["test_trigger_prompt_change", "prompts"],
  ] as const) {
    server.registerTool(name, { description: `Says that the list of ${list} changed` }, () => {
      tell(list);
      return textResult(`The list of ${list} changed`);
    });
  }
}
