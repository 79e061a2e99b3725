import { resolve } from "node:path";
import pc from "picocolors";
import type { CatalogueEntry } from "../../catalogue-store/catalogue-store.ts";
import { type CatalogueParts, serversAlike, serverView, type ServerView } from "../../catalogue-store/views.ts";
import { compareRecords } from "../../catalogue/changes.ts";
import { isAtLeast } from "../../catalogue/checks/finding.ts";
import { clientName, clientRules, type ClientRules, precheck, type Precheck } from "../../catalogue/precheck.ts";
import { ownReferences } from "../../catalogue/references.ts";
import type { ServerRecord } from "../../catalogue/server-record.ts";
import { composeScan } from "../../compose/scan.ts";
import { precheckFolder } from "../../config/home.ts";
import { AppError } from "../../errors.ts";
import { createLogger } from "../../logger.ts";
import { categories } from "../../policy/index.ts";
import { scanLimits } from "../../scan/read-list.ts";
import { readSavedRecord } from "../../scan/saved-records.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { findServer } from "../find-server.ts";
import { answerHook } from "../hook-answer.ts";
import { keepRecord, keepScans, type Since } from "../keep-record.ts";
import { type KnownServers, openKnownServers } from "../known-servers.ts";
import { formatSince } from "../output/changes.ts";
import { formatJson } from "../output/json.ts";
import { formatFinding } from "../output/record.ts";
import { shown } from "../output/rows.ts";
import { commandServer, urlServer } from "../server-argument.ts";
import { untilSignal } from "../until-signal.ts";

/** `callgate precheck` */
export const precheckCommand: Command = {
  usage: "callgate precheck SERVER [--json] [--rules] [-- COMMAND [ARGUMENT ...]]",
  description:
    "Says what is known of a server before it is connected: proceed, connect-with-rule, ask-first, or unknown, which is neither good nor bad; with the reasons, and what changed since you last asked. SERVER is a name in a client's configuration, a package, a slug, an address, or a file that `scan --json` made. It is looked up in earlier scans and in the catalogue; with an address or a command behind `--` the server is looked at now. Nothing is sent anywhere else. Exit code 0 for every verdict.",
  options: {
    rules: { type: "boolean", description: "print rules for clients that have them: Claude Code, Codex" },
    json: { type: "boolean", description: "print report, verdict, changes and rules as JSON" },
    env: { type: "string", multiple: true, value: "NAME[=VALUE]", description: "as for `scan`" },
    header: { type: "string", multiple: true, value: "NAME: VALUE", description: "as for `scan`" },
    sse: { type: "boolean", description: "the address speaks the older HTTP+SSE transport" },
    hook: {
      type: "boolean",
      description: "answer Claude Code's PreToolUse hook on standard input; see `install-hook`",
    },
    project: { type: "string", value: "DIR", description: "the project's folder, default the current one" },
  },
  examples: [
    "callgate precheck notes --rules",
    "callgate precheck camoufox-mcp -- npx -y camoufox-mcp@1.0.0",
    "callgate precheck scan.json --json",
  ],
  run: async (args) => {
    if (args.flag("hook")) {
      await answerHook();
      return exitCodes.done;
    }
    const command = args.behindSeparator;
    const asked = args.positionals[0];
    if (asked === undefined) throw new UsageError("name a server: `callgate precheck notes`");
    const { view, configuredName, alike, doubt } = await findOrLook(asked, command, args);
    const { verdict, reasons } = precheck(view, doubt);
    const since = view === undefined ? undefined : compareWithLast(view);
    const name = configuredName ?? view?.name ?? asked;
    const rules = view === undefined ? undefined : clientRules(view, name);
    if (args.flag("json"))
      process.stdout.write(
        `${formatJson({ server: asked, verdict, reasons, report: view ?? null, since: since ?? null, rules: rules ?? null, alike })}\n`,
      );
    else {
      const lines = [
        ...report(asked, { verdict, reasons }, view),
        ...(alike.length === 0 ? [] : [`  known servers with such a name: ${alike.map(shown).join(", ")}`]),
        ...(view === undefined ? [] : since === undefined ? ["not seen before"] : formatSince(since)),
        ...(rules === undefined || !args.flag("rules") ? [] : ruleLines(rules, name)),
      ];
      process.stdout.write(`${lines.join("\n")}\n`);
    }
    return exitCodes.done;
  },
};

/** A server whose tools are known, as every face of the catalogue shows it. */
type KnownServer = ServerView & Pick<ServerRecord, "grade">;

interface Answer {
  readonly view: KnownServer | undefined;
  /** For rules of clients; undefined where no configuration names it. */
  readonly configuredName: string | undefined;
  /** Why the configured server may be another one; a clause for people. */
  readonly doubt: string | undefined;
  /** Of an unknown name: slugs of known servers that it may be meant for. */
  readonly alike: readonly string[];
}

async function findOrLook(asked: string, command: readonly string[] | undefined, args: Arguments): Promise<Answer> {
  const isAddress = /^https?:\/\//iu.test(asked);
  if (command === undefined && !isAddress) {
    return withKnown(undefined, (known) => {
      const { entry, configuredName, doubt } = findServer(known, asked, resolve(args.text("project") ?? "."));
      const isName = entry === undefined && configuredName === undefined;
      const alike = isName ? serversAlike(known.parts, asked) : [];
      return { view: entry && viewOf(known.parts, entry), configuredName, doubt, alike };
    });
  }
  const record = await look(asked, command, args);
  const [reference = ""] = ownReferences(record);
  // Where the data folder cannot be written to, what was seen is said all the same.
  const file = keepScans([record]) === undefined ? ":memory:" : undefined;
  return withKnown(file, (known) => ({
    view: viewOf(known.parts, known.ofReference(reference) ?? { record, origin: "local", isExamined: true }),
    configuredName: undefined,
    doubt: undefined,
    alike: [],
  }));
}

function withKnown<T>(file: string | undefined, use: (known: KnownServers) => T): T {
  const known = openKnownServers(file);
  try {
    return use(known);
  } finally {
    known.close();
  }
}

function viewOf(parts: CatalogueParts, entry: CatalogueEntry): KnownServer {
  return { ...serverView(parts, entry), grade: entry.record.grade };
}

async function look(asked: string, command: readonly string[] | undefined, args: Arguments): Promise<ServerRecord> {
  const [program, ...rest] = command ?? [];
  const server =
    program === undefined
      ? urlServer(asked, args.texts("header"), args.flag("sse"))
      : { ...commandServer(program, rest, args.texts("env")), ...(program === asked ? {} : { name: asked }) };
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const options = { timeoutMs: scanLimits.timeoutMs, allowPrivate: true, signal: stop.signal };
  const [found] = await composeScan([server], options, createLogger("error"), { onServerStderr: () => {} });
  if (found?.status !== "scanned")
    throw new AppError("UPSTREAM_GARBAGE", `the server could not be looked at: ${found?.message ?? "it was stopped"}`);
  return found.record;
}

/** What changed since a server was asked about last, which is remembered. */
function compareWithLast(record: ServerRecord): Since | undefined {
  const last = readSavedRecord(precheckFolder(), record);
  keepRecord(precheckFolder(), record);
  return last === undefined ? undefined : { seenAt: last.scannedAt, changes: compareRecords(last, record) };
}

function report(asked: string, { verdict, reasons }: Precheck, record: ServerRecord | undefined): readonly string[] {
  const head = `${pc.bold(shown(asked))}: ${verdict}`;
  const why = reasons.map((reason) => `  ${reason}`);
  if (record === undefined) return [head, ...why, `  look at it: \`callgate scan -- COMMAND\``];
  const { grade, identity, posture, counts, definitionTokens, heaviestTool, scannedAt, source, tools } = record;
  const parts = categories
    .filter((category) => counts[category] > 0)
    .map((category) => `${counts[category]} ${category}`);
  const careful = tools.filter(({ risk }) => risk === "Critical" || risk === "High");
  const named = careful.slice(0, 20).map(({ name, category }) => `${shown(name)} (${category})`);
  const more = careful.length > 20 ? `, and ${careful.length - 20} more` : "";
  return [
    head,
    ...why,
    `  grade ${grade.letter}; ${tools.length} tools${parts.length === 0 ? "" : ` (${parts.join(", ")})`}; publisher ${identity.level}; access ${posture.auth}`,
    `  ${definitionTokens} tokens of definitions${heaviestTool === undefined ? "" : `, most of them ${shown(heaviestTool)}`}; learnt ${source} on ${scannedAt.slice(0, 10)}`,
    ...(named.length === 0 ? [] : [`  be careful with ${named.join(", ")}${more}`]),
    ...record.findings
      .filter(({ severity }) => isAtLeast(severity, "medium"))
      .slice(0, 10)
      .map((finding) => `  ${formatFinding(finding)}`),
  ];
}

function ruleLines(rules: ClientRules, name: string): readonly string[] {
  const { claudeCode, codex } = rules;
  const key = /^[A-Za-z0-9_-]+$/u.test(name) ? name : JSON.stringify(name);
  return [
    "Claude Code, .claude/settings.json:",
    JSON.stringify(claudeCode, undefined, 2),
    ...unnamedLines(rules, name),
    "Codex, .codex/config.toml:",
    `[mcp_servers.${key}]`,
    `disabled_tools = ${JSON.stringify(codex.disabled_tools)}`,
  ];
}

/** Which tools Claude Code's rules cannot name, and what holds instead. */
function unnamedLines({ unnamed, isServerUnnamed }: ClientRules, name: string): readonly string[] {
  if (unnamed.length === 0) return [];
  const tools = unnamed.map((tool) => `\`${shown(tool)}\``).join(", ");
  const server = `mcp__${clientName(name)}`;
  return [
    isServerUnnamed
      ? `no rule of Claude Code can name ${tools}, nor this server, as there is \`__\` in its name: call it something else`
      : `no rule of Claude Code can name ${tools}: the rule \`${server}\` is for the whole server`,
  ];
}
