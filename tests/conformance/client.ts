/**
 * A client that tries everything a server offers: `node client.ts URL`. The conformance suite starts it against servers
 * of its own; `MCP_CONFORMANCE_PROTOCOL_VERSION` names the revision, `MCP_CONFORMANCE_CONTEXT` may hold calls to make.
 */
import process from "node:process";
import { Client, SdkError, SdkErrorCode, StreamableHTTPClientTransport, type Tool } from "@modelcontextprotocol/client";
import { z } from "zod";

const schemaSchema = z.object({
  properties: z.record(z.string(), z.object({ type: z.string().optional() })).optional(),
  required: z.array(z.string()).optional(),
});

const contextSchema = z.object({
  toolCalls: z.array(z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })).optional(),
});

const samples: Readonly<Record<string, unknown>> = { string: "sample", number: 2, integer: 2, boolean: true };

/** Arguments for the required properties, or undefined when a schema asks for more than a sample value. Pure. */
function sampleArguments(tool: Tool, tools: readonly Tool[]): Record<string, unknown> | undefined {
  const { properties = {}, required = [] } = schemaSchema.parse(tool.inputSchema);
  const args: Record<string, unknown> = {};
  for (const name of required) {
    const type = properties[name]?.type ?? "";
    // A tool that takes a schema is one that echoes what arrived: it gets the richest one there is.
    const value = name === "schema" ? tools.find((other) => other !== tool)?.inputSchema : samples[type];
    if (value === undefined) return undefined;
    args[name] = value;
  }
  return args;
}

function createClient(isModern: boolean): Client {
  const client = new Client(
    { name: "callgate-conformance-client", version: "1.0.0" },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
      versionNegotiation: { mode: isModern ? "auto" : "legacy" },
    },
  );
  // An empty form: what is left out must be filled from the defaults.
  client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: {} }));
  client.setRequestHandler("sampling/createMessage", () => ({
    model: "sample",
    role: "assistant",
    content: { type: "text", text: "sample" },
  }));
  client.setRequestHandler("roots/list", () => ({ roots: [] }));
  return client;
}

async function callTools(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  const { toolCalls } = contextSchema.parse(JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}"));
  const calls = toolCalls ?? tools.map((tool) => ({ name: tool.name, arguments: sampleArguments(tool, tools) }));
  for (const call of calls) {
    if (call.arguments === undefined) continue;
    await client.callTool({ name: call.name, arguments: call.arguments }).catch((error: unknown) => {
      // The SDK refuses some results that the suite's servers send; the suite looks at the requests alone.
      if (!(error instanceof SdkError && error.code === SdkErrorCode.InvalidResult)) throw error;
    });
  }
}

async function readAll(client: Client): Promise<void> {
  const offered = client.getServerCapabilities();
  if (offered?.resources !== undefined) {
    const { resources } = await client.listResources();
    for (const { uri } of resources) await client.readResource({ uri });
  }
  if (offered?.prompts !== undefined) {
    const { prompts } = await client.listPrompts();
    for (const { name } of prompts) await client.getPrompt({ name });
  }
}

const url = process.argv.at(-1) ?? "";
const client = createClient((process.env["MCP_CONFORMANCE_PROTOCOL_VERSION"] ?? "") >= "2026");
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
await callTools(client);
await readAll(client);
await client.close();
