import { expect, it } from "vitest";
import { ended, nextMessage, startChild } from "./child.ts";
import { admission, charge, settlement } from "./fixtures.ts";
import { cleanUpsAfterEach, newPath, openAt } from "./temporary.ts";

const cleanUps = cleanUpsAfterEach();

it("[B196] [D05] 50 calls at once on a limit of 10 let exactly 10 through, 50 times", async () => {
  const store = await openAt(await newPath(cleanUps), cleanUps);
  for (let round = 0; round < 50; round += 1) {
    const charges = [charge({ key: `round ${round}` })];
    const calls = Array.from({ length: 50 }, async (_, i) => {
      const result = await store.admit(admission(`${round}-${i}`, { charges }));
      // Some end at once, which would show if an ended call gave its place in a timed limit away.
      if (i % 3 === 0) await store.settle(settlement(`${round}-${i}`));
      return result.kind;
    });
    expect((await Promise.all(calls)).filter((kind) => kind === "admitted")).toHaveLength(10);
  }
});

it("[B197] [D05] four processes on one file let exactly 10 of 200 calls through, 50 times", async () => {
  const path = await newPath(cleanUps);
  const store = await openAt(path, cleanUps);
  const children = Array.from({ length: 4 }, () => startChild("./race-child.ts", path, "50"));
  cleanUps.push(async () => {
    for (const child of children) child.disconnect();
    await Promise.all(children.map(ended));
  });
  await Promise.all(children.map(nextMessage));
  for (let round = 0; round < 50; round += 1) {
    const answers = children.map(nextMessage);
    for (const child of children) child.send(`round ${round}`);
    const admitted = (await Promise.all(answers)).map(Number);
    expect(admitted.reduce((sum, count) => sum + count, 0)).toBe(10);
  }
  expect(await store.query({ outcome: "allow", limit: 1_000_000 })).toHaveLength(500);
  const rows = await store.query({ limit: 1_000_000 });
  expect(rows.map((row) => row.sequence)).toEqual(rows.map((_, i) => i + 1));
});
