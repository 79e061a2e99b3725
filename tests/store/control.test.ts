import { rm } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { openSqliteControlDatabase } from "../../src/store/sqlite/sqlite-control-database.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { describeControl } from "../suites/control-suite.ts";
import { newFolder } from "../suites/store-kinds.ts";

describeControl({
  name: "SQLite",
  place: async () => {
    const folder = await newFolder();
    const path = join(folder, "store.db");
    const store = await openSqliteStore({ path, clock: systemClock, durability: "process" });
    return {
      open: (clock) => openSqliteControlDatabase({ path, clock }),
      remove: async () => {
        await store.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
});
