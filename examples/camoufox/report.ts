import type { BrowserKind } from "./install.ts";
import type { SessionReport } from "./session.ts";

/** The outcome of the example: what was counted, and whether it is what the policy says. */
export interface DemoReport {
  readonly browser: BrowserKind;
  /** Tools of the server, asked without Callgate. */
  readonly upstreamTools: number;
  readonly visibleTools: number;
  readonly forwarded: number;
  readonly filesWritten: number;
  readonly denied: number;
  /** The text that the agent got with the denial. */
  readonly denial: string;
  /** The place in the policy that denied, a JSON pointer. */
  readonly rule: string;
  /** Calls that failed otherwise, which none should. */
  readonly faults: readonly string[];
  readonly isAsExpected: boolean;
}

/** Puts the counts together. Pure. */
export function buildReport(browser: BrowserKind, upstreamTools: number, session: SessionReport): DemoReport {
  const counts = {
    visibleTools: session.visibleTools.length,
    forwarded: session.forwarded,
    filesWritten: session.filesWritten,
    denied: session.denials.length,
  };
  // 42 is what camoufox-mcp 1.0.0 has, the version that is installed; the other four follow from the policy.
  const isAsExpected =
    upstreamTools === 42 &&
    counts.visibleTools === 1 &&
    counts.forwarded === 30 &&
    counts.filesWritten === 30 &&
    counts.denied === 1 &&
    session.faults.length === 0;
  const [denial = "", rule = ""] = [session.denials[0], session.rules[0]];
  return { browser, upstreamTools, ...counts, denial, rule, faults: session.faults, isAsExpected };
}

/** The table for people. Pure. */
export function formatTable(report: DemoReport): string {
  const rows: readonly (readonly [string, number, string])[] = [
    ["tools the server has, asked directly", report.upstreamTools, ""],
    ["tools the agent sees through Callgate", report.visibleTools, "save_session"],
    ["calls of save_session", report.forwarded + report.denied + report.faults.length, "in one minute, by one agent"],
    ["  forwarded to the server", report.forwarded, ""],
    ["  session files on the disk", report.filesWritten, ""],
    ["  denied", report.denied, report.rule],
  ];
  const lines = rows.map(([what, count, note]) =>
    `  ${what.padEnd(38)}${String(count).padStart(4)}  ${note}`.trimEnd(),
  );
  const faults = report.faults.map((fault) => `  failed otherwise: ${fault}`);
  return ["", ...lines, ...faults, "", `  The agent was told: ${report.denial}`, ""].join("\n");
}

/** How to reach the running gateway from the usual clients, to paste. Pure. */
export function formatClients(url: string, token: string): string {
  const headers = { Authorization: `Bearer ${token}` };
  const json = (value: unknown): string => JSON.stringify(value, null, 2).replaceAll(/^/gm, "    ");
  return `  The gateway stays up for your own client:

  URL    ${url}
  token  ${token}

  Claude Code
    claude mcp add --transport http camoufox ${url} --header "Authorization: Bearer ${token}"

  Cursor (.cursor/mcp.json)
${json({ mcpServers: { camoufox: { url, headers } } })}

  VS Code (.vscode/mcp.json)
${json({ servers: { camoufox: { type: "http", url, headers } } })}
`;
}
