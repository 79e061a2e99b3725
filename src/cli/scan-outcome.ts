import { isAtLeast, type Severity } from "../catalogue/checks/finding.ts";
import type { ScannedServer } from "../compose/scan.ts";
import { exitCodes } from "./exit-codes.ts";
import { readSeverity } from "./severity-argument.ts";

/** From which level on a scan fails. */
export interface Bars {
  /** For findings in definitions. */
  readonly failOn: Severity;
  /** For the risk of tools; undefined where that is not asked about. */
  readonly failOnRisk: Severity | undefined;
}

/** What a scan comes to. */
export interface ScanOutcome {
  /** Findings of the level or worse. */
  readonly grave: number;
  readonly findings: number;
  /** Tools of the risk or worse. */
  readonly risky: number;
  /** Servers that could not be read. */
  readonly unread: number;
  readonly exitCode: number;
}

/** Reads the levels of `--fail-on` and `--fail-on-risk`. Throws `UsageError` for an unknown one. */
export function readBars(failOn: string | undefined, failOnRisk: string | undefined): Bars {
  return {
    failOn: readSeverity(failOn ?? "high"),
    failOnRisk: failOnRisk === undefined ? undefined : readSeverity(failOnRisk),
  };
}

/** Pure. What was found, and the exit code: findings before servers that could not be read. */
export function outcomeOf(servers: readonly ScannedServer[], { failOn, failOnRisk }: Bars): ScanOutcome {
  const records = servers.flatMap((server) => (server.status === "scanned" ? [server.record] : []));
  const findings = records.flatMap((record) => record.findings);
  const grave = findings.filter(({ severity }) => isAtLeast(severity, failOn)).length;
  const risky = records
    .flatMap(({ tools }) => tools)
    .filter(({ risk }) => failOnRisk !== undefined && isAtLeast(readSeverity(risk), failOnRisk)).length;
  const unread = servers.length - records.length;
  const exitCode = grave + risky > 0 ? exitCodes.refused : unread > 0 ? exitCodes.fault : exitCodes.done;
  return { grave, findings: findings.length, risky, unread, exitCode };
}
