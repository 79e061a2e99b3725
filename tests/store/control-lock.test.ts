import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { newId } from "../../src/ids.ts";
import type { ControlDatabase } from "../../src/store/control-database.ts";
import { openSqliteControlDatabase } from "../../src/store/sqlite/sqlite-control-database.ts";
import { admin } from "../kit/beside.ts";
import { cleanUpsAfterEach, newPath, openAt } from "./temporary.ts";

const cleanUps = cleanUpsAfterEach();

describe("a change of what is administered, while somebody else holds the file", () => {
  let other: DatabaseSync;
  let database: ControlDatabase;
  beforeEach(async () => {
    const path = await newPath(cleanUps);
    await openAt(path, cleanUps);
    database = await openSqliteControlDatabase({ path, clock: systemClock, lockTimeoutMs: 60 });
    cleanUps.push(() => database.close());
    other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
  });
  afterEach(() => other.close());

  const rename = (): Promise<unknown> =>
    database.change(admin, async ({ tx, nowMs, record }) => {
      const id = newId("org");
      await tx.insertInto("organisations").values({ id, name: "Acme", created_ms: nowMs, revision: 1 }).execute();
      record({ action: "organisation.create", objectId: id });
    });
  const names = async (): Promise<readonly string[]> =>
    (await database.read.selectFrom("organisations").select("name").execute()).map(({ name }) => name);

  it("waits, and is made once the file is free", async () => {
    const change = rename();
    other.exec("COMMIT");
    await change;
    expect(await names()).toEqual(["Acme"]);
  });

  it("is not made when that takes too long, and says why", async () => {
    await expect(rename()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: "another process keeps the store locked",
    });
    other.exec("COMMIT");
    expect(await names()).toEqual([]);
  });
});
