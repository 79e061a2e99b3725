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
}

/** Pure. What a record, or that there is none, says about connecting. */
export function precheck(record: ServerRecord | undefined): Precheck {
  if (record === undefined)
    return { verdict: "unknown", reasons: ["nothing is known of this server, which is neither good nor bad"] };
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

/**
 * Pure. Deny rules for the tools that destroy or spend or whose definition has a grave finding, and (where a client can
 * ask) questions for those that run something. `name` is what the client calls the server. Names that a rule cannot hold
 * are left out.
 */
export function clientRules({ tools }: ServerRecord, name: string): ClientRules {
  const isDenied = ({ risk, findings }: ToolRecord): boolean =>
    risk === "Critical" || findings.some(({ severity }) => isAtLeast(severity, "high"));
  const plain = [...new Map(tools.map((tool) => [tool.name, tool])).values()].filter(({ name: tool }) =>
    /^[A-Za-z0-9_.-]{1,128}$/u.test(tool),
  );
  const denied = plain.filter(isDenied);
  const asked = plain.filter((tool) => !isDenied(tool) && tool.category === "Execute");
  const asRule = ({ name: tool }: ToolRecord): string => `mcp__${clientName(name)}__${tool}`;
  return {
    claudeCode: { permissions: { deny: denied.map(asRule), ask: asked.map(asRule) } },
    codex: { disabled_tools: denied.map(({ name: tool }) => tool) },
  };
}

/** Pure. A server's name as Claude Code writes it in the names of tools. */
export function clientName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/gu, "_");
}
