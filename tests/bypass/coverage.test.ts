import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { argumentCases } from "./corpus/arguments.ts";
import { envelopeCases } from "./corpus/envelope.ts";
import { httpCases } from "./corpus/http.ts";
import { identityCases } from "./corpus/identity.ts";
import { loadingCases } from "./corpus/loading.ts";
import { sideDoorCases } from "./corpus/side-doors.ts";
import { pendingRows, rowGroups } from "./rows.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const corpus = [...envelopeCases, ...argumentCases, ...identityCases, ...sideDoorCases, ...httpCases, ...loadingCases];

/** Rows that some test names, in the corpus or in its own name. */
function triedIds(): ReadonlySet<string> {
  const files = ["src", "tests"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(root, folder, file)),
    )
    .filter((file) => /\.test\.ts$|-suite\.ts$|\.yaml$/.test(file));
  const inNames = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\[[^\]\n]*?\b(B\d{3})\b[^\]\n]*?\]/g)].flatMap(
      ([all]) => all.match(/B\d{3}/g) ?? [],
    ),
  );
  return new Set([...corpus.map(({ id }) => id), ...inNames]);
}

const tried = triedIds();
const wholly = new Set(pendingRows.filter((row) => !row.isPartly).map(({ id }) => id));

describe("the rows of the bypass table", () => {
  const known = new Set(rowGroups.flatMap(({ ids }) => ids));

  it("are 327, each once", () => {
    expect(rowGroups.flatMap(({ ids }) => ids)).toHaveLength(327);
    expect(known.size).toBe(327);
  });

  it("are all that tests and the list of what is pending name", () => {
    expect([...tried, ...pendingRows.map(({ id }) => id)].filter((id) => !known.has(id))).toEqual([]);
  });

  it("of complete groups are tried, or wait for a part that is named", () => {
    const complete = rowGroups.filter(({ needs }) => needs === undefined).flatMap(({ ids }) => ids);
    expect(complete.filter((id) => !tried.has(id) && !wholly.has(id))).toEqual([]);
  });

  it("that are pending are not tried, and those that are tried in part are", () => {
    expect(pendingRows.filter((row) => tried.has(row.id) !== row.isPartly).map(({ id }) => id)).toEqual([]);
  });

  // oxlint-disable-next-line vitest/warn-todo -- what is pending is to be counted, not to pass
  for (const { id, what, needs } of pendingRows) it.todo(`[${id}] ${what} (needs: ${needs})`);
});

afterAll(() => {
  const rows = rowGroups.flatMap(({ ids, needs }) => ids.map((id) => ({ id, needs })));
  const waiting = rows.filter(({ id }) => !tried.has(id));
  const parts = Object.groupBy(
    waiting,
    ({ id, needs }) => pendingRows.find((row) => row.id === id)?.needs ?? needs ?? "?",
  );
  const byPart = Object.entries(parts).map(([part, ids]) => `${part} ${ids?.length ?? 0}`);
  process.stdout.write(
    `bypass: ${rows.length - waiting.length} of ${rows.length} rows tried, ${corpus.length} cases in the corpus; pending: ${byPart.join(", ")}\n`,
  );
});
