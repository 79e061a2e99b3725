import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ensureChromium } from "../../examples/camoufox/chromium.ts";
import type { JsonObject } from "../kit/messages.ts";
import { canaryText, startCanaryHost } from "./canary-host.ts";
import { ensurePackage } from "./packages.ts";

/** One call of a tool. */
export interface ToolCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** A real server, ready to be put behind Callgate, and what a client must and must not achieve with it. */
export interface PreparedServer {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly policy: JsonObject;
  /** The tools that a client may see, in the server's order. */
  readonly visible: readonly string[];
  /** A call that the policy allows, and a piece of its answer. */
  readonly allowed: ToolCall & { readonly answer: string };
  /** A call that the policy denies, and the rule that does. The server itself does what it asks for. */
  readonly denied: ToolCall & { readonly rule: string };
  /** Whether the denied call took place, looked at where its effect would be. */
  isHarmed(): boolean;
}

/** The names of the real servers. */
export const realServers = [
  "everything",
  "filesystem",
  "memory",
  "sequential-thinking",
  "context7",
  "playwright",
  "dbhub",
] as const;

/** One of {@link realServers}. */
export type RealServer = (typeof realServers)[number];

const preparations: Readonly<Record<RealServer, (folder: string) => Promise<PreparedServer>>> = {
  everything,
  filesystem,
  memory,
  "sequential-thinking": sequentialThinking,
  context7,
  playwright,
  dbhub,
};

/** The servers that speak the newer era too. */
export const modernServers: ReadonlySet<RealServer> = new Set(["context7", "dbhub"]);

/** Fetches a server when it is not there, and prepares it in an empty folder, which holds all it reads and writes. */
export async function prepareServer(name: RealServer, folder: string): Promise<PreparedServer> {
  return preparations[name](folder);
}

async function everything(): Promise<PreparedServer> {
  const host = await startCanaryHost();
  return {
    command: process.execPath,
    args: [ensurePackage("everything"), "stdio"],
    env: {},
    policy: {
      version: "1",
      default: "deny",
      tools: {
        echo: {},
        // It fetches any address for whoever asks; its environment is nobody's business (no entry for get-env).
        "gzip-file-as-resource": {
          require: [{ conditions: [{ path: "args.data", op: "host_in", value: ["docs.example.com"] }] }],
        },
      },
    },
    visible: ["echo", "gzip-file-as-resource"],
    allowed: { tool: "echo", args: { message: "through the gate" }, answer: "Echo: through the gate" },
    denied: {
      tool: "gzip-file-as-resource",
      args: { name: "page.gz", data: `${host.origin}/secret` },
      rule: "/tools/gzip-file-as-resource/require/0",
    },
    isHarmed: () => host.asked().length > 0,
  };
}

async function filesystem(folder: string): Promise<PreparedServer> {
  const [inbox, notes] = [join(folder, "inbox"), join(folder, "notes.txt")];
  mkdirSync(inbox);
  writeFileSync(notes, "what nobody may overwrite\n");
  return {
    command: process.execPath,
    args: [ensurePackage("filesystem"), folder],
    env: {},
    policy: {
      version: "1",
      default: "deny",
      tools: {
        "read_*": {},
        write_file: { require: [{ conditions: [{ path: "args.path", op: "within", value: [inbox] }] }] },
      },
    },
    visible: ["read_file", "read_text_file", "read_media_file", "read_multiple_files", "write_file"],
    allowed: { tool: "read_text_file", args: { path: notes }, answer: "what nobody may overwrite" },
    denied: {
      tool: "write_file",
      args: { path: notes, content: "overwritten" },
      rule: "/tools/write_file/require/0",
    },
    isHarmed: () => readFileSync(notes, "utf8") !== "what nobody may overwrite\n",
  };
}

async function memory(folder: string): Promise<PreparedServer> {
  const file = join(folder, "memory.jsonl");
  const entity = { type: "entity", name: "Ada", entityType: "person", observations: ["wrote the first program"] };
  writeFileSync(file, JSON.stringify(entity));
  return {
    command: process.execPath,
    args: [ensurePackage("memory")],
    env: { MEMORY_FILE_PATH: file },
    policy: {
      version: "1",
      default: "deny",
      tools: {
        read_graph: {},
        delete_entities: {
          require: [{ conditions: [{ path: "args.entityNames[*]", op: "starts_with", value: "draft-" }] }],
        },
      },
    },
    visible: ["delete_entities", "read_graph"],
    allowed: { tool: "read_graph", args: {}, answer: "wrote the first program" },
    denied: { tool: "delete_entities", args: { entityNames: ["Ada"] }, rule: "/tools/delete_entities/require/0" },
    isHarmed: () => !readFileSync(file, "utf8").includes("Ada"),
  };
}

async function sequentialThinking(folder: string): Promise<PreparedServer> {
  const thought = (text: string, totalThoughts: number): JsonObject => ({
    thought: text,
    nextThoughtNeeded: true,
    thoughtNumber: 1,
    totalThoughts,
  });
  const witness = join(folder, "witness.log");
  return {
    command: process.execPath,
    args: [ensurePackage("sequentialThinking")],
    env: { DISABLE_THOUGHT_LOGGING: "true" },
    policy: {
      version: "1",
      default: "deny",
      tools: {
        sequentialthinking: { require: [{ conditions: [{ path: "args.totalThoughts", op: "lte", value: 20 }] }] },
      },
    },
    visible: ["sequentialthinking"],
    allowed: { tool: "sequentialthinking", args: thought("begin", 3), answer: '"thoughtHistoryLength": 1' },
    denied: {
      tool: "sequentialthinking",
      args: thought("without end", 5000),
      rule: "/tools/sequentialthinking/require/0",
    },
    // It keeps nothing: what reached it is all there is to see.
    isHarmed: () => readFileSync(witness, "utf8").includes("without end"),
  };
}

/** What Node starts Playwright's server with, for this machine's Chromium; `folder` is where it writes. */
export function playwrightArguments(folder: string): readonly string[] {
  const browser = ["--headless", "--isolated", "--no-sandbox", "--executable-path", ensureChromium()];
  return [ensurePackage("playwright"), ...browser, "--output-dir", folder];
}

async function playwright(folder: string): Promise<PreparedServer> {
  const host = await startCanaryHost();
  return {
    command: process.execPath,
    args: playwrightArguments(folder),
    env: { HOME: folder },
    policy: {
      version: "1",
      default: "deny",
      tools: {
        browser_navigate: {
          require: [{ conditions: [{ path: "args.url", op: "host_in", value: [new URL(host.origin).host] }] }],
        },
        browser_snapshot: {},
      },
    },
    visible: ["browser_navigate", "browser_snapshot"],
    allowed: { tool: "browser_navigate", args: { url: `${host.origin}/page` }, answer: `${host.origin}/page` },
    denied: {
      tool: "browser_navigate",
      args: { url: `${host.origin.replace("127.0.0.1", "localhost")}/secret` },
      rule: "/tools/browser_navigate/require/0",
    },
    isHarmed: () => host.asked().includes("/secret"),
  };
}

async function context7(): Promise<PreparedServer> {
  const host = await startCanaryHost();
  const question = { query: "how to begin" };
  return {
    command: process.execPath,
    args: [ensurePackage("context7")],
    env: { CONTEXT7_API_URL: host.origin, OTEL_SDK_DISABLED: "true" },
    policy: {
      version: "1",
      default: "deny",
      tools: {
        "query-docs": { require: [{ conditions: [{ path: "args.libraryId", op: "starts_with", value: "/acme/" }] }] },
      },
    },
    visible: ["query-docs"],
    allowed: { tool: "query-docs", args: { libraryId: "/acme/docs", ...question }, answer: canaryText },
    denied: {
      tool: "query-docs",
      args: { libraryId: "/elsewhere/docs", ...question },
      rule: "/tools/query-docs/require/0",
    },
    isHarmed: () => host.asked().some((path) => path.includes("elsewhere")),
  };
}

async function dbhub(folder: string): Promise<PreparedServer> {
  const file = join(folder, "customers.sqlite");
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE customers AS SELECT column1 AS name FROM (VALUES ('Ada'), ('Lin'))");
  database.close();
  return {
    command: process.execPath,
    args: [ensurePackage("dbhub"), "--transport", "stdio", "--dsn", `sqlite://${file}`],
    env: {},
    policy: {
      version: "1",
      default: "deny",
      tools: {
        execute_sql: {
          deny_if: [{ conditions: [{ path: "args.sql", op: "regex", value: "(?i)\\b(drop|delete|alter|attach)\\b" }] }],
        },
      },
    },
    visible: ["execute_sql"],
    allowed: { tool: "execute_sql", args: { sql: "SELECT name FROM customers" }, answer: '"Lin"' },
    denied: { tool: "execute_sql", args: { sql: "DROP TABLE customers" }, rule: "/tools/execute_sql/deny_if/0" },
    isHarmed: () => !hasTable(file, "customers"),
  };
}

function hasTable(file: string, name: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(name) !== undefined;
  } finally {
    database.close();
  }
}
