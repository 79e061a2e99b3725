import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { SqliteStoreOptions } from "../../src/store/sqlite/sqlite-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { newFolder } from "../suites/store-kinds.ts";

/** Things to undo after a test, last first. */
export interface CleanUps {
  push(cleanUp: () => unknown): void;
}

/** Registers, in the calling test file, that everything pushed is undone after each test. */
export function cleanUpsAfterEach(): CleanUps {
  const cleanUps: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });
  return { push: (cleanUp) => cleanUps.push(cleanUp) };
}

/** The path of a store in a new folder. */
export async function newPath(cleanUps: CleanUps): Promise<string> {
  const folder = await newFolder();
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "store.db");
}

/** Opens a store on the machine's clock. */
export async function openAt(
  path: string,
  cleanUps: CleanUps,
  options: Partial<SqliteStoreOptions> = {},
): Promise<Store> {
  const store = await openSqliteStore({ path, clock: systemClock, durability: "process", ...options });
  cleanUps.push(() => store.close());
  return store;
}
