import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { clientScenarios, runClientScenarios, type ClientRevision } from "./client-scenarios.ts";
import { compareRuns, isPassed, scoreOf, type Scenario } from "./compare.ts";
import { requirementSets, runSuite, type Requirements } from "./suite.ts";
import { startGateway, startHttpFixture, stdioFixture } from "./subjects.ts";

/** How long a run of one set may take, milliseconds: through a server of its own for each session it is slowest. */
const setMs = 120_000;

const totals: Readonly<Record<Requirements, number>> = { "2025-11-25": 30, "2026-07-28": 37, stable: 30 };

const revisions: readonly ClientRevision[] = ["2025-11-25", "2026-07-28"];

const urls = { direct: "", stdio: "", http: "" };

function lossesOf(direct: readonly Scenario[], through: readonly Scenario[]): readonly string[] {
  return compareRuns(direct, through).flatMap(({ name, losses }) => losses.map((loss) => `${name}: ${loss}`));
}

beforeAll(async () => {
  urls.direct = await startHttpFixture();
  urls.stdio = await startGateway(stdioFixture);
  urls.http = await startGateway({ url: await startHttpFixture() });
}, setMs);

afterAll(closeAll);

describe.each(requirementSets)("the conformance suite's requirements of %s", (set) => {
  let direct: readonly Scenario[] = [];

  test("are met by the fixture alone", { timeout: setMs }, async () => {
    direct = await runSuite({ kind: "server", url: urls.direct }, set);
    expect(scoreOf(direct)).toEqual({ passed: totals[set], total: totals[set] });
  });

  test.each(["stdio", "http"] as const)(
    "are met no worse through Callgate in front of %s",
    { timeout: setMs },
    async (upstream) => {
      const through = await runSuite({ kind: "server", url: urls[upstream] }, set);
      expect(lossesOf(direct, through)).toEqual([]);
      expect(scoreOf(through)).toEqual({ passed: totals[set], total: totals[set] });
    },
  );
});

describe.each(revisions)("the conformance suite's client scenarios of %s", (revision) => {
  test("are passed no worse through Callgate", { timeout: setMs }, async () => {
    const direct = await runClientScenarios("direct", revision);
    expect(direct.filter(isPassed).map((one) => one.name)).toEqual(clientScenarios[revision]);
    expect(lossesOf(direct, await runClientScenarios("through", revision))).toEqual([]);
  });
});
