import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { StoreKind } from "./store-under-test.ts";

/** A new empty folder. The caller removes it. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "callgate-store-"));
}

/** The store in memory. */
export const memoryKind: StoreKind = {
  name: "memory",
  isLasting: false,
  place: async () => ({
    open: async (clock) => openMemoryStore({ clock }),
    remove: async () => undefined,
  }),
};

/** The store in one SQLite file. */
export const sqliteKind: StoreKind = {
  name: "SQLite",
  isLasting: true,
  place: async () => {
    const folder = await newFolder();
    return {
      open: (clock) => openSqliteStore({ path: join(folder, "store.db"), clock, durability: "process" }),
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  },
};
