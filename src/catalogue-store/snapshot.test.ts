import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { recommendForRecord } from "../catalogue/apply-override.ts";
import { presets } from "../catalogue/recommend.ts";
import { loadPolicy } from "../policy/index.ts";
import { isList, isObject, type JsonValue } from "../values/json.ts";
import { openCatalogue, takeSnapshot } from "./open-catalogue.ts";
import { loadSnapshot, readSnapshot, writeSnapshot } from "./snapshot.ts";

const { entries } = loadSnapshot();
const records = entries.map(({ record }) => record);

/** Every text in a value with the names that lead to it, list positions left out. */
function textsIn(value: JsonValue, path = ""): readonly (readonly [string, string])[] {
  if (typeof value === "string") return [[path, value]];
  if (isList(value)) return value.flatMap((item) => textsIn(item, path));
  return isObject(value) ? Object.entries(value).flatMap(([key, item]) => textsIn(item, `${path}/${key}`)) : [];
}

describe("the bundled facts", () => {
  it("know dozens of servers with over a thousand tools, each with package, version and date", () => {
    expect(records.length).toBeGreaterThan(40);
    expect(records.flatMap(({ tools }) => tools).length).toBeGreaterThan(1_000);
    expect(new Set(records.map(({ slug }) => slug)).size).toBe(records.length);
    for (const { slug, packages, scannedAt, source } of records) {
      expect(packages[0]?.name, slug).toBeTruthy();
      expect(scannedAt, slug).toMatch(/^\d{4}-\d\d-\d\dT/u);
      expect(source, slug).toBe("package");
    }
  });

  it("hold no sentence of a server's: no title, description or schema, and only words where values are listed", () => {
    for (const record of records) {
      expect(Object.keys(record), record.slug).not.toContain("description");
      for (const tool of record.tools) {
        const foreign = ["title", "description", "inputSchema", "outputSchema"];
        expect(
          Object.keys(tool).filter((key) => foreign.includes(key)),
          `${record.slug} ${tool.name}`,
        ).toEqual([]);
        const hints: JsonValue = tool.annotations ?? {};
        expect(isObject(hints) && Object.values(hints).every((value) => typeof value === "boolean")).toBe(true);
        for (const { seen } of tool.findings) expect(seen).toBe("");
      }
      for (const { seen } of record.findings) expect(seen).toBe("");
      // These members are written by Callgate; in all others there is no room for a sentence.
      const ours = /\/(?:because|reason|message|tokenMethod|evidence)$/u;
      const plain: JsonValue = JSON.parse(JSON.stringify(record));
      const long = textsIn(plain).filter(
        ([path, text]) => !ours.test(path) && text.split(" ").length > (path.endsWith("/type") ? 13 : 5),
      );
      expect(long, record.slug).toEqual([]);
    }
  });

  it("[R139] recommend policies for every tool and every preset that load as they stand", () => {
    const documents = records.flatMap((record) => [
      ...record.tools.map(({ name, recommended }) => [`${record.slug} ${name}`, recommended] as const),
      ...presets.map((preset) => [`${record.slug} ${preset}`, recommendForRecord(record, preset).document] as const),
    ]);
    expect(documents.length).toBeGreaterThan(1_000);
    for (const [what, document] of documents) {
      const { policy, problems } = loadPolicy(JSON.stringify(document), {
        identity: { id: what, version: 1, sha256: "" },
        file: "p",
      });
      expect(
        problems.filter(({ severity }) => severity === "error"),
        what,
      ).toEqual([]);
      expect(policy, what).toBeDefined();
    }
  });

  it("[R150] fill a new catalogue without any network, once", () => {
    const catalogue = openCatalogue(":memory:", 0);
    try {
      expect(catalogue.counts().servers).toBe(entries.length);
      expect(catalogue.searchTools({ text: "save_session", limit: 5 }).items.map(({ name }) => name)).toContain(
        "save_session",
      );
      expect(catalogue.server(records[0]?.slug ?? "")).toEqual(entries[0]);
      const changed = entries.slice(0, 1).map(({ record, ...rest }) => ({
        ...rest,
        record: { ...record, tools: record.tools.slice(1) },
      }));
      const next = writeSnapshot({ madeAt: "2027-01-01T00:00:00.000Z", entries: changed });
      expect(takeSnapshot(catalogue, next, 0)).toEqual({ kept: 1, changes: 1 });
      expect(takeSnapshot(catalogue, next, 0)).toEqual({ kept: 0, changes: 0 });
    } finally {
      catalogue.close();
    }
  });

  it.each([
    ["nothing", ""],
    ["another version", '{"format":"callgate-catalogue-99"}'],
    ["no JSON", "{"],
  ])("are refused when the file holds %s", (_, text) => {
    expect(() => readSnapshot(gzipSync(text))).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
    expect(() => readSnapshot(Buffer.from(text))).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});
