/**
 * A process that races others on one store. Arguments: the store's file, how many calls. Says `ready` once the store is
 * open; on each message (the key of a limit of 10) it makes all calls at once and answers how many were admitted.
 */
import { systemClock } from "../../src/clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { admission, charge, settlement } from "./fixtures.ts";

const [path = "", calls = "0"] = process.argv.slice(2);
const store = await openSqliteStore({ path, clock: systemClock, durability: "process" });

process.on("message", (key) => {
  void race(String(key));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");

async function race(key: string): Promise<void> {
  const ids = Array.from({ length: Number(calls) }, (_, i) => `${key}-${process.pid}-${i}`);
  const results = await Promise.all(ids.map((id) => store.admit(admission(id, { charges: [charge({ key })] }))));
  await Promise.all(ids.map((id) => store.settle(settlement(id))));
  process.send?.(results.filter((result) => result.kind === "admitted").length);
}
