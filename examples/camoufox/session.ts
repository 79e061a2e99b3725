import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CallToolResult, Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { publishedPolicy, type RunFiles, type RunningGateway } from "./gateway.ts";

const calls = 31;
const reloadTimeoutMs = 15_000;

/** What an agent saw, and what is on the disk afterwards. */
export interface SessionReport {
  /** Names of the tools in the agent's list. */
  readonly visibleTools: readonly string[];
  /** Calls of save_session that the server answered. */
  readonly forwarded: number;
  /** Files in the folder of saved sessions, counted on the disk. */
  readonly filesWritten: number;
  /** The text of each call that Callgate denied. */
  readonly denials: readonly string[];
  /** The place in the policy that denied, a JSON pointer, of each of them. */
  readonly rules: readonly string[];
  /** Calls that failed in any other way. */
  readonly faults: readonly string[];
}

function textOf(result: CallToolResult): string {
  return result.content.map((block) => (block.type === "text" ? block.text : `(${block.type})`)).join("\n");
}

/** The decision that Callgate puts beside a denied call, or undefined when this result is the server's own. */
function decisionOf(result: CallToolResult): { readonly rule: string } | undefined {
  const decision: unknown = result._meta?.["callgate/decision"];
  if (typeof decision !== "object" || decision === null || !("rule" in decision)) return undefined;
  return { rule: String(decision.rule) };
}

async function makeBrowserSession(client: Client): Promise<string> {
  const result = await client.callTool({ name: "create_session", arguments: { name: "example" } });
  const text = textOf(result);
  if (result.isError === true) throw new Error(`create_session failed: ${text}`);
  const made: { sessionId?: unknown } = JSON.parse(text);
  if (typeof made.sessionId !== "string") throw new Error(`create_session gave no session id: ${text}`);
  return made.sessionId;
}

/** Puts the published policy in place while the gateway runs, and waits until the agent's list shows it. */
async function publishPolicy(client: Client, files: RunFiles): Promise<string[]> {
  writeFileSync(files.policy, publishedPolicy);
  const deadline = performance.now() + reloadTimeoutMs;
  for (;;) {
    const names = (await client.listTools(undefined, { cacheMode: "bypass" })).tools.map((tool) => tool.name);
    if (!names.includes("create_session")) return names;
    if (performance.now() > deadline) throw new Error(`the gateway still shows ${names.join(", ")}: see ${files.log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * One agent, one MCP session over HTTP: makes a browser session, gets the published policy, and saves that session
 * 31 times, each to a file of its own.
 */
export async function runAgent(gateway: RunningGateway, files: RunFiles, token: string): Promise<SessionReport> {
  const client = new Client({ name: "callgate-example", version: "1.0.0" });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url), { requestInit }));
  try {
    const sessionId = await makeBrowserSession(client);
    const visibleTools = await publishPolicy(client, files);
    let forwarded = 0;
    const denials: string[] = [];
    const rules: string[] = [];
    const faults: string[] = [];
    for (let call = 1; call <= calls; call += 1) {
      const outputPath = join(files.sessions, `session-${String(call).padStart(2, "0")}.json`);
      const result = await client.callTool({ name: "save_session", arguments: { sessionId, outputPath } });
      const decision = decisionOf(result);
      if (decision !== undefined) {
        denials.push(textOf(result));
        rules.push(decision.rule);
      } else if (result.isError === true) faults.push(textOf(result));
      else forwarded += 1;
    }
    const filesWritten = readdirSync(files.sessions).length;
    return { visibleTools, forwarded, filesWritten, denials, rules, faults };
  } finally {
    await client.close();
  }
}
