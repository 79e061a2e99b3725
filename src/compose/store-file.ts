import { systemClock } from "../clock.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";

/** Opens a store's file beside the gateway that may be using it. Rejects with `STORE_UNAVAILABLE` or its kin. */
export function openStoreFile(path: string): Promise<Store> {
  return openSqliteStore({ path, clock: systemClock });
}
