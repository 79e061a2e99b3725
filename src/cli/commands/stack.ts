import { homedir } from "node:os";
import { resolve } from "node:path";
import pc from "picocolors";
import { precheck, type Verdict } from "../../catalogue/precheck.ts";
import type { ServerRecord } from "../../catalogue/server-record.ts";
import { describeServer, type ServerDescription } from "../../clients/describe-server.ts";
import { findServers, type FoundServer } from "../../clients/find-servers.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type KnownServer, openKnownServers } from "../known-servers.ts";
import { formatJson } from "../output/json.ts";
import { shown } from "../output/rows.ts";

/** `callgate stack` */
export const stackCommand: Command = {
  usage: "callgate stack [--json] [--packages-only] [--project DIR]",
  description:
    "Lists the MCP servers in the configurations of Claude Code, Claude Desktop, Cursor, VS Code, Copilot CLI, Windsurf, Codex, Gemini CLI, Zed, Goose, Continue, Junie, Amazon Q, Kiro, opencode and Callgate, of this user and of this project, with what is known of them from earlier scans and the catalogue. Reads their files only: nothing is started or sent, no configuration is changed, and no value of an environment variable, header or argument is printed.",
  options: {
    project: { type: "string", value: "DIR", description: "the project's folder, default the current one" },
    "packages-only": { type: "boolean", description: "print the names of packages only, each once" },
    json: { type: "boolean", description: "print as JSON" },
  },
  examples: ["callgate stack", "callgate stack --packages-only", "callgate stack --json --project ../shop"],
  run: (args) => {
    const [extra] = args.positionals;
    if (extra !== undefined) throw new UsageError(`\`stack\` takes no \`${extra}\`: name a folder with \`--project\``);
    const project = resolve(args.text("project") ?? ".");
    const { platform, env: environment } = process;
    const { servers, unread } = findServers({ home: homedir(), project, platform, environment });
    const rows = rowsOf(servers, project);
    if (args.flag("packages-only")) printPackages(rows, args.flag("json"));
    else if (args.flag("json")) print({ project, servers: rows, unread, summary: summaryOf(rows) });
    else process.stdout.write(`${[...table(rows), ...unread.map(unreadLine), summaryLine(rows)].join("\n")}\n`);
    return Promise.resolve(exitCodes.done);
  },
};

interface Row extends ServerDescription {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** What an earlier scan saw. */
  readonly known?: Pick<ServerRecord, "slug" | "counts" | "scannedAt"> & { readonly grade: string };
}

function rowsOf(servers: readonly FoundServer[], project: string): readonly Row[] {
  const known = openKnownServers();
  try {
    return servers.map((server) => rowOf(server, known.ofServer(server, project)));
  } finally {
    known.close();
  }
}

function rowOf(server: FoundServer, { entry, doubt }: KnownServer): Row {
  const record = entry?.record;
  const described = describeServer(server);
  // What the entry itself is doubted for stands among its cautions already.
  const cautions = doubt === undefined || doubt === server.doubt ? described.cautions : [doubt, ...described.cautions];
  const description = { ...described, cautions };
  const { verdict, reasons } = precheck(record, doubt);
  // The grade of another version is not this one's.
  if (record === undefined || doubt !== undefined) return { ...description, verdict, reasons };
  const { slug, counts, scannedAt, grade } = record;
  return { ...description, verdict, reasons, known: { slug, counts, scannedAt, grade: grade.letter } };
}

function printPackages(rows: readonly Row[], isJson: boolean): void {
  const packages = [...new Set(rows.flatMap((row) => row.package?.name ?? []))].toSorted();
  if (isJson) print({ packages });
  else process.stdout.write(packages.map((name) => `${shown(name)}\n`).join(""));
}

function table(rows: readonly Row[]): readonly string[] {
  return rows.flatMap((row) => {
    const { client, scope, name, remote, environment, headers, disabled, behindCallgate, verdict, known, cautions } =
      row;
    const version = row.package?.version === undefined ? "" : `@${row.package.version}`;
    const what = row.package === undefined ? (remote ?? row.command ?? "") : `${row.package.name}${version}`;
    const marks = [
      ...(behindCallgate ? [pc.green("behind callgate")] : []),
      ...(disabled ? ["switched off"] : []),
      ...(environment.length > 0 ? [`env ${environment.map(shown).join(", ")}`] : []),
      ...(headers.length > 0 ? [`headers ${headers.map(shown).join(", ")}`] : []),
    ];
    const seen = known === undefined ? "" : ` grade ${known.grade}, seen ${known.scannedAt.slice(0, 10)}`;
    const head = `${client} ${scope} ${pc.bold(shown(name))} ${shown(what)} ${colour(verdict)}${seen}`;
    const more = marks.length === 0 ? [] : [`  ${marks.join("; ")}`];
    return [head, ...more, ...cautions.map((caution) => `  ${pc.yellow("look at")}: ${shown(caution)}`)];
  });
}

function colour(verdict: Verdict): string {
  if (verdict === "proceed") return pc.green(verdict);
  return verdict === "ask-first" ? pc.red(verdict) : verdict === "unknown" ? verdict : pc.yellow(verdict);
}

function unreadLine({ client, file, reason }: { client: string; file: string; reason: string }): string {
  return `${client} ${pc.red("not read")} ${shown(file)}: ${shown(reason)}`;
}

function summaryOf(rows: readonly Row[]) {
  const count = (test: (row: Row) => boolean): number => rows.filter(test).length;
  return {
    servers: rows.length,
    clients: new Set(rows.map(({ client }) => client)).size,
    behindCallgate: count(({ behindCallgate }) => behindCallgate),
    needAttention: count(({ verdict, cautions }) => verdict === "ask-first" || cautions.length > 0),
    unknown: count(({ verdict }) => verdict === "unknown"),
  };
}

function summaryLine(rows: readonly Row[]): string {
  const { servers, clients, behindCallgate, needAttention, unknown } = summaryOf(rows);
  return `${servers} servers in ${clients} clients; ${behindCallgate} behind callgate; ${needAttention} need attention; ${unknown} unknown: look with \`callgate scan --config FILE\``;
}

function print(value: unknown): void {
  process.stdout.write(`${formatJson(value)}\n`);
}
