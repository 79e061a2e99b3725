import { afterEach, describe, expect, test } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { NotHere } from "./preset-server.ts";
import { largeServers, presetServers } from "./preset-servers.ts";
import { isHarmedDirectly, presetFaults, visitPreset } from "./preset-visit.ts";

// What somebody does with a server that is new to them: scan it, take the policy to start from, put it in front. As far
// as it is quick; `all-presets.ts` tries the rest.

afterEach(closeAll);

const servers = [...presetServers]
  .filter(([name]) => !largeServers.has(name))
  .map(([name, prepare]) => ({ name, prepare }));

/** Every tool of theirs only reads. */
const readers = new Set(["sequential-thinking", "brave-search", "context7", "tavily"]);

/** Skips the test on a machine that lacks what the server needs. */
async function orSkip<T>(result: Promise<T>, skip: (note: string) => never): Promise<T> {
  return result.catch((error: unknown) => {
    if (!(error instanceof NotHere)) throw error;
    process.stderr.write(`SKIPPED, nothing is proved about this server: ${error.message}\n`);
    return skip(error.message);
  });
}

describe("the balanced policy that a scan writes, in front of the real server", () => {
  test.for(servers)(
    "lets a read call of $name through, and no call that it stops arrives",
    async ({ name, prepare }, { skip }) => {
      const visit = await orSkip(visitPreset(prepare), skip);
      expect(presetFaults(visit)).toEqual([]);
      expect(visit.server.strongest === undefined).toBe(readers.has(name));
    },
  );
});

describe("without Callgate the call that is stopped takes effect", () => {
  test.for(servers.filter(({ name }) => !readers.has(name)))("$name", async ({ prepare }, { skip }) => {
    expect(await orSkip(isHarmedDirectly(prepare), skip)).toBe(true);
  });
});
