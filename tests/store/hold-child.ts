/** A process that admits one call on a limit of one call in flight and never ends it. Arguments: the store's file, the request. */
import { systemClock } from "../../src/clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { admission, inFlight } from "./fixtures.ts";

const [path = "", requestId = ""] = process.argv.slice(2);
const store = await openSqliteStore({ path, clock: systemClock, durability: "process" });
const result = await store.admit(admission(requestId, { charges: [inFlight(1)] }));
process.send?.(result.kind);
setInterval(() => undefined, 1_000);
