import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { ended, nextMessage, startChild } from "./child.ts";
import { killMax, livesPerLimit } from "./kill-charges.ts";
import { cleanUpsAfterEach, newPath, openAt } from "./temporary.ts";

const cleanUps = cleanUpsAfterEach();
/** How many processes are killed; `CALLGATE_KILLS` asks for more. */
const lives = Number(process.env["CALLGATE_KILLS"] ?? 100);

/** One process works on the store until it is killed at a random moment. */
async function liveAndDie(path: string, upstream: string, life: number): Promise<void> {
  const child = startChild("./kill-child.ts", path, upstream, String(life));
  await nextMessage(child);
  await wait(Math.random() * 25);
  child.kill("SIGKILL");
  await ended(child);
}

// Guards the promise that matters most: whatever moment a process dies at, no call goes out beyond its limit and none
// without its decision on record. Two lives at a time, so that one dies while the other works.
it("[B198] [D03] processes killed again and again never send a call beyond its limit or without its row", async () => {
  const path = await newPath(cleanUps);
  const upstream = join(dirname(path), "upstream.log");
  writeFileSync(upstream, "");
  let life = 0;
  const liveOn = async (): Promise<void> => {
    while (life < lives) await liveAndDie(path, upstream, (life += 1));
  };
  await Promise.all([liveOn(), liveOn()]);

  const sent = readFileSync(upstream, "utf8").split("\n").slice(0, -1);
  expect(new Set(sent).size).toBe(sent.length);
  const store = await openAt(path, cleanUps);
  const rows = await store.query({ limit: 1_000_000 });
  const allowed = rows.flatMap((row) => (row.kind === "call" && row.outcome === "allow" ? [row.requestId] : []));
  const outcomes = rows.flatMap((row) => (row.kind === "outcome" ? [row.requestId] : []));
  const known = new Set(allowed);
  expect(sent.filter((requestId) => !known.has(requestId))).toEqual([]);
  // Every admitted call has one end by now, seen or unknown.
  expect(outcomes.toSorted()).toEqual(allowed.toSorted());

  const perLimit = new Map<number, number>();
  for (const requestId of sent) {
    const epoch = Math.floor(Number(requestId.split("-")[0]) / livesPerLimit);
    perLimit.set(epoch, (perLimit.get(epoch) ?? 0) + 1);
  }
  expect(Math.max(...perLimit.values())).toBeLessThanOrEqual(killMax);
  // The kills must have hit calls in flight, or this test shows nothing.
  expect(rows.filter((row) => row.kind === "outcome" && row.status === "unknown").length).toBeGreaterThan(lives / 10);
  expect(sent.length).toBeGreaterThan(lives);
}, 3_000_000);
