import { expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { openMemoryStore } from "../store/memory/memory-store.ts";
import { createRefusalLog } from "./refusal-log.ts";
import { createSettableClock } from "./simulate.ts";

it("writes so many rows a minute, counts the rest by reason, and sums it up when the minute is over", async () => {
  const startMs = Date.parse("2026-11-26T09:00:00Z");
  const clock = createSettableClock(startMs);
  const store = openMemoryStore({ clock });
  const parts = { store, clock, logger: createLogger("silent") };
  const log = createRefusalLog(parts, { event: "message_rejected", transport: "http", grant: "alice" }, 2);
  const refuse = (reason: string): Promise<void> =>
    log.record({ event: "message_rejected", transport: "http", grant: "alice", reason });
  for (const reason of ["batch", "batch", "batch", "bom", "batch"]) await refuse(reason);
  clock.set(startMs + 60_000);
  await refuse("bom");
  const rows = await store.query({});
  expect(rows).toMatchObject([
    { reason: "batch" },
    { reason: "batch" },
    { reason: "summary", grant: "alice", counts: { batch: 2, bom: 1 } },
    { reason: "bom" },
  ]);
  await log.flush();
  expect(await store.query({})).toHaveLength(4);
});
