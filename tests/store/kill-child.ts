/**
 * A process that lives dangerously: it admits calls, sends each to an "upstream" (a line in a file) and settles it, under
 * load, until it is killed. Arguments: the store's file, the upstream's file, a number that makes request ids unique.
 */
import { appendFileSync } from "node:fs";
import { systemClock } from "../../src/clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { admission, settlement } from "./fixtures.ts";
import { killCharges } from "./kill-charges.ts";

const [path = "", upstream = "", life = "0"] = process.argv.slice(2);
const store = await openSqliteStore({ path, clock: systemClock, durability: "process" });
process.send?.("ready");
await Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)));

async function work(worker: number): Promise<never> {
  for (let i = 0; ; i += 1) {
    const requestId = `${life}-${worker}-${i}`;
    const result = await store.admit(admission(requestId, { charges: killCharges(Number(life)) }));
    if (result.kind === "admitted") {
      appendFileSync(upstream, `${requestId}\n`);
      await store.settle(settlement(requestId));
    } else {
      process.send?.("full");
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
