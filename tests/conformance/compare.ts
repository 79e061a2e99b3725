/** One thing that a scenario of the suite looked at. */
export interface Check {
  /** The requirement; several checks of a scenario may share it. */
  readonly id: string;
  /** What of the requirement was looked at. */
  readonly name: string;
  /** `SUCCESS`, `WARNING`, `FAILURE`, `SKIPPED` or `INFO`. */
  readonly status: string;
  /** What was wrong, in the suite's words; empty when nothing was. */
  readonly message: string;
}

/** A scenario that was run. */
export interface Scenario {
  readonly name: string;
  /** Whether it counts for conformance to the revision; some are run and reported only. */
  readonly isScored: boolean;
  readonly checks: readonly Check[];
}

/** A scenario run both ways. */
export interface Comparison {
  readonly name: string;
  readonly isScored: boolean;
  readonly direct: Scenario;
  /** Undefined when only the direct way was run, or the scenario did not run through the gateway. */
  readonly through: Scenario | undefined;
  /** What is worse through the gateway, one line each; empty when nothing is. */
  readonly losses: readonly string[];
}

/** Whether a scenario passes: something was checked, and nothing failed. Pure. */
export function isPassed(scenario: Scenario): boolean {
  return scenario.checks.length > 0 && scenario.checks.every((check) => check.status !== "FAILURE");
}

/** How many scored scenarios there are and how many pass. Pure. */
export function scoreOf(scenarios: readonly Scenario[]): { readonly passed: number; readonly total: number } {
  const scored = scenarios.filter((scenario) => scenario.isScored);
  return { passed: scored.filter(isPassed).length, total: scored.length };
}

/** Compares check by check, in the order of the direct run. Pure. */
export function compareRuns(direct: readonly Scenario[], through: readonly Scenario[]): readonly Comparison[] {
  const byName = new Map(through.map((scenario) => [scenario.name, scenario]));
  return direct.map((scenario) => {
    const other = byName.get(scenario.name);
    const losses = other === undefined ? ["the scenario did not run"] : lossesOf(scenario, other);
    return { name: scenario.name, isScored: scenario.isScored, direct: scenario, through: other, losses };
  });
}

/** Best first. A check that is only skipped or noted proves nothing, so that is a loss against a success. */
const ranks: Readonly<Record<string, number>> = { SUCCESS: 4, INFO: 3, SKIPPED: 3, WARNING: 2, FAILURE: 1 };

/**
 * Checks of what a server may do or leave: answer as a stream of events rather than with one JSON text, and cut such a
 * stream to be asked again (MCP 2025-11-25, Transports). A gateway answers in its own way, so only their failure counts.
 */
const optionalChecks: ReadonlySet<string> = new Set([
  "server-sse-streams-functional",
  "server-sse-priming-event",
  "server-sse-retry-field",
  "server-sse-disconnect-resume",
]);

/** The worst of the checks of one name decides: a scenario repeats a check for every message it sees. */
function lossesOf(direct: Scenario, through: Scenario): readonly string[] {
  const before = worstByName(direct.checks);
  const after = worstByName(through.checks);
  const known = [...before].flatMap(([key, check]) => {
    // Notes tell what was seen; how many there are is no requirement.
    if (check.status === "INFO") return [];
    const now = after.get(key);
    if (optionalChecks.has(check.id) && (now === undefined || !isBad(now))) return [];
    if (now === undefined) return [`${check.id} (${check.name}): ${check.status} becomes missing`];
    return rankOf(now) < rankOf(check) ? [describe(check.status, now)] : [];
  });
  const added = [...after].flatMap(([key, check]) =>
    !before.has(key) && isBad(check) ? [describe("nothing", check)] : [],
  );
  return [...known, ...added];
}

function worstByName(checks: readonly Check[]): ReadonlyMap<string, Check> {
  const worst = new Map<string, Check>();
  for (const check of checks) {
    const key = JSON.stringify([check.id, check.name]);
    const other = worst.get(key);
    if (other === undefined || rankOf(check) < rankOf(other)) worst.set(key, check);
  }
  return worst;
}

function rankOf(check: { readonly status: string }): number {
  return ranks[check.status] ?? 0;
}

function isBad(check: Check): boolean {
  return rankOf(check) <= rankOf({ status: "WARNING" });
}

function describe(before: string, now: Check): string {
  const message = now.message === "" ? "" : `: ${now.message}`;
  return `${now.id} (${now.name}): ${before} becomes ${now.status}${message}`;
}
