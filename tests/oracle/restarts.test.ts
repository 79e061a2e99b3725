import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { Coverage, codesOfSequences } from "./coverage.ts";
import { seed } from "./property-kit.ts";
import { compareSequences } from "./sequences.ts";

test("both agree on sequences of calls on a durable store that is closed and opened again in between", async () => {
  const folder = await mkdtemp(join(tmpdir(), "callgate-oracle-"));
  const coverage = new Coverage();
  const files = new Map<Clock, string>();
  try {
    const compared = await compareSequences(120, seed, coverage, {
      open: async (clock) => {
        // Every sequence has a clock and a file of its own.
        const path = files.get(clock) ?? join(folder, `${files.size}.db`);
        files.set(clock, path);
        return openSqliteStore({ path, clock, durability: "process" });
      },
      restartsEvery: 7,
    });
    expect(compared).toBeGreaterThan(1000);
    expect(coverage.missing([...codesOfSequences, "restart"])).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 240_000);
