/**
 * Callgate in front of a real database server whose read-only tool can be made to write:
 * `node scripts/run.js examples/postgres/start.ts [--json]`. Exit codes: 0 the escape works without Callgate and is
 * stopped by it, 1 not so, 3 a fault, 4 no PostgreSQL to be had.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { askQueries, type QueryAnswer } from "./agent.ts";
import { type Cluster, NoPostgres, startCluster } from "./cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const policy = fileURLToPath(new URL("policy.json", import.meta.url));

const server = { name: "@modelcontextprotocol/server-postgres", version: "0.6.2" } as const;

/** What an agent asks for, and whether it should get it. */
const queries: readonly { readonly sql: string; readonly isFine: boolean }[] = [
  { sql: "select name from customers order by name", isFine: true },
  { sql: "drop table customers", isFine: false },
  { sql: "select 1; select 2", isFine: false },
  { sql: "select length(pg_read_file('postgresql.conf'))", isFine: false },
  { sql: "select length(U&\"\\0070g_read_file\"('postgresql.conf'))", isFine: false },
  { sql: "COMMIT; DROP TABLE customers", isFine: false },
];

/** What happened on one of the two ways. */
interface Outcome {
  readonly answers: readonly QueryAnswer[];
  /** Rows in the table afterwards, as the database tells; "gone" without a table. */
  readonly rows: string;
}

/** The server's program, fetched with npm on first use. */
function ensureServer(): string {
  const prefix = join(root, ".peers", `server-postgres-${server.version}`);
  const entry = join(prefix, "node_modules", server.name, "dist", "index.js");
  if (existsSync(entry)) return entry;
  mkdirSync(prefix, { recursive: true });
  const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-fund", "--no-audit"];
  const result = spawnSync("npm", ["install", "--prefix", prefix, ...flags, `${server.name}@${server.version}`], {
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) throw new Error(`could not fetch ${server.name} (npm exit code ${result.status})`);
  return entry;
}

async function tryOut(cluster: Cluster, command: readonly string[], home: string): Promise<Outcome> {
  cluster.sql("drop table if exists customers");
  cluster.sql("create table customers as select * from (values ('Ada'), ('Lin')) as people (name)");
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, CALLGATE_HOME: home };
  const asked = queries.map(({ sql }) => sql);
  const answers = await askQueries(command, env, asked);
  const isThere = cluster.sql("select to_regclass('customers') is not null") === "t";
  return { answers, rows: isThere ? cluster.sql("select count(*) from customers") : "gone" };
}

function isDenied({ isError, text }: QueryAnswer): boolean {
  return isError && text.startsWith("[POLICY DENIED] ");
}

function print(direct: Outcome, through: Outcome): void {
  const verdict = (answer: QueryAnswer | undefined): string => {
    if (answer === undefined) return "-";
    if (isDenied(answer)) return "denied";
    return answer.isError ? "an error" : "done";
  };
  const line = (what: string, first: string, second: string): string =>
    `  ${what.padEnd(62)}${first.padEnd(26)}${second}\n`;
  process.stdout.write(`\n${line("", "directly", "through Callgate")}`);
  queries.forEach(({ sql }, index) =>
    process.stdout.write(line(sql, verdict(direct.answers[index]), verdict(through.answers[index]))),
  );
  process.stdout.write(`${line("rows in the table afterwards", direct.rows, through.rows)}\n`);
  const told = through.answers.at(-1)?.text ?? "";
  process.stdout.write(`  The agent was told: ${told}\n\n`);
}

async function main(asJson: boolean): Promise<number> {
  const program = ensureServer();
  const cluster = await startCluster();
  const home = mkdtempSync(join(tmpdir(), "callgate-example-"));
  try {
    const plain = [process.execPath, program, cluster.url];
    const gate = [process.execPath, join(root, "bin", "callgate.js"), "run", "-p", policy, "--name", "postgres", "--"];
    const direct = await tryOut(cluster, plain, home);
    const through = await tryOut(cluster, [...gate, ...plain], home);
    const isStopped = queries.every(({ isFine }, index) => {
      const answer = through.answers[index];
      return answer !== undefined && (isFine ? !answer.isError : isDenied(answer));
    });
    if (asJson) process.stdout.write(`${JSON.stringify({ queries, direct, through, isStopped }, undefined, 2)}\n`);
    else print(direct, through);
    return direct.rows === "gone" && through.rows === "2" && isStopped ? 0 : 1;
  } finally {
    await cluster.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

try {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  process.exitCode = await main(values.json);
} catch (error) {
  process.stderr.write(`The example stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof NoPostgres ? 4 : 3;
}
