import { describe, expect, test } from "vitest";
import { compareRuns, isPassed, scoreOf, type Check, type Scenario } from "./compare.ts";

function scenario(...checks: readonly (readonly [id: string, status: string])[]): Scenario {
  const made = checks.map(([id, status]): Check => ({ id, name: id.toUpperCase(), status, message: "" }));
  return { name: "tools-list", isScored: true, checks: made };
}

function check(name: string, status: string): Check {
  return { id: "a", name, status, message: "" };
}

const cases: readonly { name: string; direct: Scenario; through: Scenario; losses: readonly string[] }[] = [
  {
    name: "the same is no loss",
    direct: scenario(["a", "SUCCESS"], ["b", "WARNING"]),
    through: scenario(["a", "SUCCESS"], ["b", "WARNING"]),
    losses: [],
  },
  {
    name: "a failure counts",
    direct: scenario(["a", "SUCCESS"]),
    through: scenario(["a", "FAILURE"]),
    losses: ["a (A): SUCCESS becomes FAILURE"],
  },
  {
    name: "a warning counts",
    direct: scenario(["a", "SUCCESS"]),
    through: scenario(["a", "WARNING"]),
    losses: ["a (A): SUCCESS becomes WARNING"],
  },
  {
    name: "a check that is skipped proves nothing any more",
    direct: scenario(["a", "SUCCESS"]),
    through: scenario(["a", "SKIPPED"]),
    losses: ["a (A): SUCCESS becomes SKIPPED"],
  },
  {
    name: "a check that is gone counts",
    direct: scenario(["a", "SUCCESS"], ["b", "SUCCESS"]),
    through: scenario(["a", "SUCCESS"]),
    losses: ["b (B): SUCCESS becomes missing"],
  },
  {
    name: "a failure that was not there before counts",
    direct: scenario(["a", "SUCCESS"]),
    through: scenario(["a", "SUCCESS"], ["b", "FAILURE"]),
    losses: ["b (B): nothing becomes FAILURE"],
  },
  {
    name: "one failure among repeated checks counts",
    direct: scenario(["a", "SUCCESS"], ["a", "SUCCESS"]),
    through: scenario(["a", "SUCCESS"], ["a", "FAILURE"]),
    losses: ["a (A): SUCCESS becomes FAILURE"],
  },
  {
    name: "fewer notes are no loss",
    direct: scenario(["a", "SUCCESS"], ["note", "INFO"]),
    through: scenario(["a", "SUCCESS"]),
    losses: [],
  },
  {
    name: "a skipped check does not cover for a lost one of the same requirement",
    direct: { ...scenario(), checks: [check("one", "SKIPPED"), check("two", "SUCCESS")] },
    through: { ...scenario(), checks: [check("one", "SKIPPED"), check("two", "SKIPPED")] },
    losses: ["a (two): SUCCESS becomes SKIPPED"],
  },
  {
    name: "what a server may leave is no loss",
    direct: scenario(["server-sse-streams-functional", "SUCCESS"], ["server-sse-retry-field", "SUCCESS"]),
    through: scenario(["server-sse-streams-functional", "INFO"]),
    losses: [],
  },
  {
    name: "what a server may leave counts when it fails",
    direct: scenario(["server-sse-retry-field", "SUCCESS"]),
    through: scenario(["server-sse-retry-field", "FAILURE"]),
    losses: ["server-sse-retry-field (SERVER-SSE-RETRY-FIELD): SUCCESS becomes FAILURE"],
  },
  { name: "better is no loss", direct: scenario(["a", "FAILURE"]), through: scenario(["a", "SUCCESS"]), losses: [] },
];

describe("comparing two runs of the suite", () => {
  test.each(cases)("$name", ({ direct, through, losses }) => {
    expect(compareRuns([direct], [through]).map((comparison) => comparison.losses)).toEqual([losses]);
  });

  test("a scenario that did not run is a loss", () => {
    const [comparison] = compareRuns([scenario(["a", "SUCCESS"])], []);
    expect(comparison?.losses).toEqual(["the scenario did not run"]);
  });

  test("a scenario without a check does not pass, and what is not scored does not count", () => {
    const unscored: Scenario = { ...scenario(["a", "FAILURE"]), isScored: false };
    expect(isPassed(scenario())).toBe(false);
    expect(scoreOf([scenario(["a", "SUCCESS"]), scenario(), unscored])).toEqual({ passed: 1, total: 2 });
  });
});
