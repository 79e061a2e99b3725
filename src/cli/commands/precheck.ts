import { resolve } from "node:path";
import pc from "picocolors";
import { type Change, compareRecords } from "../../catalogue/changes.ts";
import { isAtLeast } from "../../catalogue/checks/finding.ts";
import { clientName, clientRules, type ClientRules, precheck, type Precheck } from "../../catalogue/precheck.ts";
import type { ServerRecord } from "../../catalogue/server-record.ts";
import { composeScan } from "../../compose/scan.ts";
import { precheckFolder, recordFolder } from "../../config/home.ts";
import { AppError } from "../../errors.ts";
import { createLogger } from "../../logger.ts";
import { categories } from "../../policy/index.ts";
import { scanLimits } from "../../scan/read-list.ts";
import { readSavedRecord } from "../../scan/saved-records.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRecord, type FoundRecord } from "../find-record.ts";
import { answerHook } from "../hook-answer.ts";
import { keepRecord } from "../keep-record.ts";
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
    const { record, configuredName, doubt } = await findOrLook(asked, command, args);
    const { verdict, reasons } = precheck(record, doubt);
    const since = record === undefined ? undefined : compareWithLast(record);
    const rules = record === undefined ? undefined : clientRules(record, configuredName ?? record.name);
    if (args.flag("json"))
      process.stdout.write(
        `${formatJson({ server: asked, verdict, reasons, report: record ?? null, since: since ?? null, rules: rules ?? null })}\n`,
      );
    else {
      const lines = [
        ...report(asked, { verdict, reasons }, record),
        ...(record === undefined ? [] : [sinceLine(since)]),
        ...(rules === undefined || !args.flag("rules")
          ? []
          : ruleLines(rules, configuredName ?? record?.name ?? asked)),
      ];
      process.stdout.write(`${lines.join("\n")}\n`);
    }
    return exitCodes.done;
  },
};

async function findOrLook(
  asked: string,
  command: readonly string[] | undefined,
  args: Arguments,
): Promise<FoundRecord> {
  const isAddress = /^https?:\/\//iu.test(asked);
  if (command === undefined && !isAddress) return findRecord(asked, resolve(args.text("project") ?? "."));
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
  keepRecord(recordFolder(), found);
  return { record: found.record, configuredName: undefined, doubt: undefined };
}

/** What changed since a server was asked about last, which is remembered. */
interface Since {
  readonly seenAt: string;
  readonly changes: readonly Change[];
}

function compareWithLast(record: ServerRecord): Since | undefined {
  const last = readSavedRecord(precheckFolder(), record.slug);
  keepRecord(precheckFolder(), { record, launch: undefined });
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

function sinceLine(since: Since | undefined): string {
  if (since === undefined) return "not seen before";
  const day = since.seenAt.slice(0, 10);
  if (since.changes.length === 0) return `unchanged since last seen on ${day}`;
  return [`since last seen on ${day}:`, ...since.changes.slice(0, 50).map((change) => `  ${changeText(change)}`)].join(
    "\n",
  );
}

function changeText({ kind, severity, tool, from, to }: Change): string {
  const what = kind.replaceAll("_", " ");
  const names = [
    tool === undefined ? "" : shown(tool),
    from === undefined ? "" : `from ${shown(from)}`,
    to === undefined ? "" : `to ${shown(to)}`,
  ];
  return `${severity} ${[what, ...names].filter((part) => part !== "").join(" ")}`;
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
