import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { startGateway, startHttpFixture, stdioFixture } from "./subjects.ts";
import { hearChanges, type Stop, tour, type TourEra } from "./tour.ts";

// What the conformance suite does not look at: with a policy that allows everything, a client must read the very same
// messages as without Callgate, down to the last member.

const urls = { direct: "", stdio: "", http: "" };

beforeAll(async () => {
  urls.direct = await startHttpFixture();
  urls.stdio = await startGateway(stdioFixture);
  urls.http = await startGateway({ url: await startHttpFixture() });
});

afterAll(closeAll);

/** What Callgate answers differently on purpose: the text in a direct answer, and what stands there instead. */
const intended: readonly {
  readonly request: RegExp;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}[] = [
  {
    request: /\/list |resources\/read /,
    from: '"cacheScope":"public"',
    to: '"cacheScope":"private"',
    why: "what a list shows, and who may read what, depends on the grant, so nobody may share it",
  },
  {
    request: /no_such_tool/,
    from: "Tool no_such_tool not found",
    to: "Unknown tool: no_such_tool",
    why: "a tool that is hidden and one that does not exist answer alike",
  },
  {
    request: /no\/such\/method/,
    from: "Method not found",
    to: "this method is not served by the gateway",
    why: "a method that Callgate does not know is not passed on",
  },
];

function expected(direct: readonly Stop[]): readonly Stop[] {
  return direct.map((stop) => {
    const text = intended
      .filter(({ request }) => request.test(stop.request))
      .reduce((json, { from, to }) => json.replace(from, to), JSON.stringify(stop.messages));
    return { ...stop, messages: JSON.parse(text) };
  });
}

describe.each<TourEra>(["legacy", "modern"])("a client of the %s era", (era) => {
  test.each(["stdio", "http"] as const)("reads the same through Callgate in front of %s", async (upstream) => {
    const direct = await tour(urls.direct, era);
    expect(direct.filter(({ messages }) => messages.length > 0).length).toBeGreaterThan(30);
    expect(await tour(urls[upstream], era)).toEqual(expected(direct));
  });
});

describe("a client that listens", () => {
  test.each(["stdio", "http"] as const)("hears of changed lists through Callgate in front of %s", async (upstream) => {
    const direct = await hearChanges(urls.direct);
    expect(direct).toHaveLength(2);
    expect(await hearChanges(urls[upstream])).toEqual(direct);
  });
});
