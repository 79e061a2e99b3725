import { isAtLeast } from "./checks/finding.ts";
import type { ServerRecord, ToolRecord } from "./server-record.ts";

/** What to do about a server before it is connected. `unknown` is neither good nor bad. */
export type Verdict = "proceed" | "connect-with-rule" | "ask-first" | "unknown";

/** A verdict with what led to it, our sentences. */
export interface Precheck {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** Rules for clients that can refuse single tools by themselves. */
export interface ClientRules {
  /** For `permissions` of Claude Code's settings. */
  readonly claudeCode: { readonly permissions: { readonly deny: readonly string[]; readonly ask: readonly string[] } };
  /** For `[mcp_servers.NAME]` of Codex. */
  readonly codex: { readonly disabled_tools: readonly string[] };
  /** Tools that no rule of Claude Code can name: the rule for the whole server stands for them, where one can. */
  readonly unnamed: readonly string[];
  /** Whether there is no rule for the whole server either: Claude Code takes `__` in its name for the end of it. */
  readonly isServerUnnamed: boolean;
}

/**
 * Pure. What a record, or that there is none, says about connecting. `doubt` is why the server may be another one than the
 * record's, or another version of it: a record speaks against such a server, never for it.
 */
export function precheck(record: ServerRecord | undefined, doubt?: string): Precheck {
  const unknown = "nothing is known of this server, which is neither good nor bad";
  if (record === undefined) return { verdict: "unknown", reasons: doubt === undefined ? [unknown] : [doubt, unknown] };
  const found = judge(record);
  if (doubt === undefined) return found;
  if (found.verdict === "proceed") return { verdict: "unknown", reasons: [doubt] };
  return { ...found, reasons: [doubt, ...found.reasons] };
}

function judge(record: ServerRecord): Precheck {
  const grave = record.findings.filter(({ severity }) => isAtLeast(severity, "high"));
  const critical = record.tools.filter(({ risk }) => risk === "Critical");
  const executing = record.tools.filter(({ category }) => category === "Execute");
  const isAnonymous = record.identity.level === "unknown" || record.identity.level === "community";
  const publisher = isAnonymous ? "the publisher is not verified, and " : "";
  const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
  const found =
    grave.length === 0
      ? []
      : [
          `${count(grave.length, "finding", "findings")} of high severity in the definitions: ${[...new Set(grave.map(({ code }) => code))].join(", ")}`,
        ];
  const dangerous = [
    ...(critical.length === 0
      ? []
      : [`${publisher}${count(critical.length, "tool destroys or spends", "tools destroy or spend")}`]),
    ...(executing.length === 0 ? [] : [`${count(executing.length, "tool runs", "tools run")} something`]),
  ];
  if (found.length > 0) return { verdict: "ask-first", reasons: [...found, ...dangerous] };
  if (dangerous.length > 0) return { verdict: "connect-with-rule", reasons: dangerous };
  return { verdict: "proceed", reasons: ["no tool destroys, spends or runs anything, and nothing was found"] };
}

/** Pure. The tools that destroy or spend, or whose definition has a grave finding; each name once. */
export function deniedTools({ tools }: ServerRecord): readonly ToolRecord[] {
  return byName(tools.filter(isDenied));
}

/**
 * Pure. Rules for the denied tools, and (where a client can ask) questions for those that run something. `name` is what
 * the client calls the server. Codex takes every name; where Claude Code's rules cannot hold one, the whole server is
 * denied or asked about.
 */
export function clientRules(record: ServerRecord, name: string): ClientRules {
  const denied = deniedTools(record);
  const asked = byName(record.tools.filter((tool) => !isDenied(tool) && tool.category === "Execute"));
  const server = `mcp__${clientName(name)}`;
  const isServerUnnamed = clientName(name).includes("__");
  const rulesFor = (tools: readonly ToolRecord[]): readonly string[] => {
    const isWhole = !tools.every(isNameable) && !isServerUnnamed;
    return [...tools.filter(isNameable).map((tool) => `${server}__${tool.name}`), ...(isWhole ? [server] : [])];
  };
  return {
    claudeCode: { permissions: { deny: rulesFor(denied), ask: rulesFor(asked) } },
    codex: { disabled_tools: denied.map((tool) => tool.name) },
    unnamed: [...denied, ...asked].filter((tool) => !isNameable(tool)).map((tool) => tool.name),
    isServerUnnamed,
  };
}

function isDenied({ risk, findings }: ToolRecord): boolean {
  return risk === "Critical" || findings.some(({ severity }) => isAtLeast(severity, "high"));
}

function isNameable({ name }: ToolRecord): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/u.test(name);
}

function byName(tools: readonly ToolRecord[]): readonly ToolRecord[] {
  return [...new Map(tools.map((tool) => [tool.name, tool])).values()];
}

/** Pure. A server's or a tool's name as Claude Code writes it in the names of tools. */
export function clientName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/gu, "_");
}
