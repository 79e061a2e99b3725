import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** What came back from one query. */
export interface QueryAnswer {
  readonly isError: boolean;
  readonly text: string;
}

/** Starts a command that speaks MCP, asks each query in turn and ends it. Refused requests are answers too. */
export async function askQueries(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  queries: readonly string[],
): Promise<readonly QueryAnswer[]> {
  const [program = "", ...args] = command;
  const client = new Client({ name: "callgate-example", version: "1.0.0" });
  await client.connect(new StdioClientTransport({ command: program, args, env: { ...env }, stderr: "ignore" }));
  try {
    const answers: QueryAnswer[] = [];
    for (const sql of queries) answers.push(await ask(client, sql));
    return answers;
  } finally {
    await client.close();
  }
}

async function ask(client: Client, sql: string): Promise<QueryAnswer> {
  try {
    const { isError = false, content } = await client.callTool({ name: "query", arguments: { sql } });
    return { isError, text: content.map((block) => (block.type === "text" ? block.text : "")).join("\n") };
  } catch (error) {
    return { isError: true, text: error instanceof Error ? error.message : String(error) };
  }
}
