import type { ChildProcess } from "node:child_process";
import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { ended, nextMessage, startChild } from "./child.ts";
import { fakeClock } from "./fake-clock.ts";
import type { TestCall } from "./fixtures.ts";
import { admission, callRow, charge, decimal, inFlight } from "./fixtures.ts";
import { cleanUpsAfterEach, newPath, openAt } from "./temporary.ts";

const cleanUps = cleanUpsAfterEach();

async function holdPlace(path: string, requestId: string): Promise<ChildProcess> {
  const child = startChild("./hold-child.ts", path, requestId);
  cleanUps.push(async () => {
    child.kill("SIGKILL");
    await ended(child);
  });
  expect(await nextMessage(child)).toBe("admitted");
  return child;
}

it("[R93] the place of a killed process is free within seconds, and its call's end is unknown", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  const child = await holdPlace(path, "theirs");
  const charges = [inFlight(1)];
  expect((await store.admit(admission("before", { charges }))).kind).toBe("limit_reached");
  child.kill("SIGKILL");
  await ended(child);
  let attempts = 0;
  while ((await store.admit(admission(`after ${attempts}`, { charges }))).kind !== "admitted") {
    attempts += 1;
    expect(attempts).toBeLessThan(50);
    await wait(100);
  }
  expect((await store.query({ requestId: "theirs" })).at(-1)).toMatchObject({ kind: "outcome", status: "unknown" });
});

it("[R93] a process that stands still keeps its place", async () => {
  const path = await newPath(cleanUps);
  const child = await holdPlace(path, "theirs");
  child.kill("SIGSTOP");
  const clock = fakeClock(Date.now());
  const store = await openAt(path, cleanUps, { clock });
  clock.pass(366 * 86_400_000);
  for (let i = 0; i < 3; i += 1) {
    expect((await store.admit(admission(`mine ${i}`, { charges: [inFlight(1)] }))).kind).toBe("limit_reached");
    await wait(600);
  }
  expect(await store.query({ requestId: "theirs" })).toHaveLength(1);
});

it("[B201] a process whose wall clock is ahead opens no window of a running one", async () => {
  const path = await newPath(cleanUps);
  const charges = [charge({ max: decimal(1) })];
  const clock = fakeClock();
  const first = await openAt(path, cleanUps, { clock });
  expect((await first.admit(admission("first", { charges }))).kind).toBe("admitted");
  const ahead = fakeClock(clock.wallMs() + 3_600_000);
  const second = await openAt(path, cleanUps, { clock: ahead });
  expect((await second.admit(admission("second", { charges }))).kind).toBe("limit_reached");
  clock.pass(61_000);
  expect((await first.admit(admission("third", { charges }))).kind).toBe("admitted");
  expect((await second.admit(admission("fourth", { charges }))).kind).toBe("limit_reached");
});

it("[B201] processes whose monotonic clocks differ share one time", async () => {
  const path = await newPath(cleanUps);
  const charges = [charge({ max: decimal(1) })];
  const clocks = [fakeClock(), fakeClock()];
  const [slow, fast] = await Promise.all(clocks.map((clock) => openAt(path, cleanUps, { clock })));
  clocks[1]?.pass(600_000);
  expect((await fast?.admit(admission("fast", { charges })))?.kind).toBe("admitted");
  expect((await slow?.admit(admission("slow", { charges })))?.kind).toBe("limit_reached");
  clocks[0]?.pass(60_999);
  expect((await slow?.admit(admission("slow again", { charges })))?.kind).toBe("limit_reached");
  clocks[0]?.pass(1_001);
  expect((await slow?.admit(admission("slow at last", { charges })))?.kind).toBe("admitted");
});

it("[B197] a process writes only what its own calls changed", async () => {
  const path = await newPath(cleanUps);
  const [one, other] = [await openAt(path, cleanUps), await openAt(path, cleanUps)];
  const call: TestCall = { charges: [charge({ max: decimal(2) })] };
  expect((await one.admit(admission("first", call))).kind).toBe("admitted");
  expect((await other.admit(admission("second", call))).kind).toBe("admitted");
  await one.record(callRow("denied", undefined));
  expect((await other.admit(admission("third", call))).kind).toBe("limit_reached");
  expect((await one.admit(admission("fourth", call))).kind).toBe("limit_reached");
});

it("a store opened through a link is the same store", async () => {
  const path = await newPath(cleanUps);
  const link = join(dirname(path), "link.db");
  const first = await openAt(path, cleanUps);
  symlinkSync(path, link);
  const second = await openAt(link, cleanUps);
  expect((await first.admit(admission("one", { charges: [inFlight(1)] }))).kind).toBe("admitted");
  expect((await second.admit(admission("two", { charges: [inFlight(1)] }))).kind).toBe("limit_reached");
  expect(await second.query({})).toHaveLength(2);
});

it("rows of one process are seen by another that follows them", async () => {
  const path = await newPath(cleanUps);
  const [writer, reader] = [await openAt(path, cleanUps), await openAt(path, cleanUps)];
  let after = 0;
  for (let i = 0; i < 5; i += 1) {
    await writer.admit(admission(`r${i}`));
    const rows = await reader.query({ after });
    expect(rows.map((row) => row.requestId)).toEqual([`r${i}`]);
    after = rows.at(-1)?.sequence ?? after;
  }
});
