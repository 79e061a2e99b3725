import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contract } from "../../../src/api/contract/contract.ts";
import { closeAll } from "../../kit/opened.ts";
import { answersAsDescribed, type ApiTarget, startApiTarget } from "./api-target.ts";

let target: ApiTarget;
const statuses = new Map<string, Set<number>>();

beforeAll(async () => {
  target = await startApiTarget();
});

afterAll(closeAll);

// A short run; `npm run fuzz -- api` runs it for as long as one likes.
describe("whatever the HTTP API is asked", () => {
  it.each(contract.map(({ id }) => id))("%s answers as its document says", async (id) => {
    const operation = target.operations.find((one) => one.id === id);
    if (operation === undefined) throw new Error(`${id} is not in the document`);
    const seen = new Set<number>();
    statuses.set(id, seen);
    await fc.assert(
      answersAsDescribed(target, operation, (status) => seen.add(status)),
      { numRuns: 12, seed: Number(process.env["FUZZ_SEED"] ?? "20261126") },
    );
  });

  it("reaches what the operations do, and not only their checks", () => {
    const reached = [...statuses].filter(([, seen]) => [...seen].some((status) => status < 300));
    expect(reached.length).toBeGreaterThan(contract.length / 2);
  });
});
