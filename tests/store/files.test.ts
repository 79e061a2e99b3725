import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { copyDatabase } from "../../src/store/sqlite/database-copy.ts";
import { findRevived, replaceDatabase } from "../../src/store/sqlite/replace-database.ts";
import { readStoredSecrets } from "../../src/store/sqlite/stored-secrets.ts";
import { inspectFile, makeFixture } from "./dump.ts";
import { cleanUpsAfterEach, newPath, openAt } from "./temporary.ts";

const cleanUps = cleanUpsAfterEach();

describe("a copy of a store's file", () => {
  it("stands alone, is whole and the operator's own, also while the store is open", async () => {
    const path = await newPath(cleanUps);
    await openAt(path, cleanUps);
    const { rows, grants } = await copyDatabase(path, `${path}.copy`);
    expect({ rows, grants, ...inspectFile(`${path}.copy`) }).toMatchObject({ rows: 0, grants: 0, check: "ok" });
    expect(existsSync(`${path}.copy-wal`)).toBe(false);
    expect(statSync(`${path}.copy`).mode & 0o777).toBe(0o600);
  });

  it("of the oldest schema has no grants", async () => {
    const path = await newPath(cleanUps);
    makeFixture(path);
    expect(await copyDatabase(path, `${path}.copy`)).toMatchObject({ schema: 1, grants: 0 });
  });

  it("of a damaged one is refused", async () => {
    const path = await newPath(cleanUps);
    await (await openAt(path, cleanUps)).close();
    const bytes = readFileSync(path);
    // All pages but the first, which says what the file is.
    writeFileSync(path, bytes.fill(0x5a, bytes.readUInt16BE(16)));
    await expect(copyDatabase(path, `${path}.copy`)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  it("is not made of another program's database, and never over a file", async () => {
    const path = await newPath(cleanUps);
    new DatabaseSync(path).exec("CREATE TABLE notes (text TEXT)");
    await expect(copyDatabase(path, `${path}.copy`)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    writeFileSync(`${path}.mine`, "mine");
    await expect(copyDatabase(path, `${path}.mine`)).rejects.toMatchObject({ code: "EEXIST" });
    expect(readFileSync(`${path}.mine`, "utf8")).toBe("mine");
  });
});

describe("a store's file in the place of another", () => {
  it("leaves the former beside it, with what was in its log", async () => {
    const path = await newPath(cleanUps);
    const next = await newPath(cleanUps);
    for (const place of [path, next]) await (await openAt(place, cleanUps)).close();
    await copyDatabase(next, `${path}.next`);
    replaceDatabase(path, `${path}.next`, `${path}.former`);
    expect([inspectFile(path).check, inspectFile(`${path}.former`).check]).toEqual(["ok", "ok"]);
    expect(findRevived(path, `${path}.former`)).toEqual({
      grants: [],
      members: [],
      apiTokens: [],
      passwords: [],
      roles: [],
    });
  });

  it("keeps a damaged one as it was found", async () => {
    const path = await newPath(cleanUps);
    const next = await newPath(cleanUps);
    await (await openAt(next, cleanUps)).close();
    writeFileSync(path, "damaged");
    replaceDatabase(path, next, `${path}.former`);
    expect(readFileSync(`${path}.former`, "utf8")).toBe("damaged");
    expect(inspectFile(path).check).toBe("ok");
    expect(findRevived(path, `${path}.former`)).toBeUndefined();
  });

  it("has no former where there was none", async () => {
    const path = await newPath(cleanUps);
    await (await openAt(path, cleanUps)).close();
    replaceDatabase(`${path}.new`, path, `${path}.former`);
    expect(inspectFile(`${path}.new`).check).toBe("ok");
    expect(findRevived(`${path}.new`, `${path}.former`)).toBeUndefined();
  });
});

describe("the sealed secrets of a store's file", () => {
  it("are bound to an installation, which the oldest schema does not have", async () => {
    const path = await newPath(cleanUps);
    await openAt(path, cleanUps);
    const { installId, secrets } = readStoredSecrets(path);
    expect(installId).toMatch(/\w/);
    expect(secrets).toEqual([]);
    const oldest = await newPath(cleanUps);
    makeFixture(oldest);
    expect(readStoredSecrets(oldest)).toEqual({ installId: undefined, secrets: [] });
  });

  it("cannot be read from a file that is no database", async () => {
    const path = await newPath(cleanUps);
    writeFileSync(path, "not a database, whatever its name says");
    expect(() => readStoredSecrets(path)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
  });
});
