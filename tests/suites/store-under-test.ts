import { afterEach } from "vitest";
import type { Clock } from "../../src/clock.ts";
import type { Store } from "../../src/store/store.ts";
import type { FakeClock } from "../store/fake-clock.ts";
import { fakeClock } from "../store/fake-clock.ts";

/** A place where a store keeps its data, empty at first. */
export interface StorePlace {
  /** Opens a store there; a second one beside the first is another process to it. */
  open(clock: Clock): Promise<Store>;
  /** Removes what was kept. Called after every store was closed. */
  remove(): Promise<void>;
}

/** An implementation of Store for the suites. */
export interface StoreKind {
  readonly name: string;
  /** Whether what was stored is there again when the place is opened again. */
  readonly isLasting: boolean;
  /** Makes a new empty place. */
  place(): Promise<StorePlace>;
}

/** A store at a fake time, with a way to open it again. */
export interface OpenedStore {
  readonly clock: FakeClock;
  readonly store: Store;
  /** Closes the store and opens it again, as after a restart of the process. */
  restart(): Promise<Store>;
}

const leftOpen: (() => Promise<void>)[] = [];

/** Registers, in the calling test file, that everything opened by {@link openStore} is closed after each test. */
export function closeStoresAfterEach(): void {
  afterEach(async () => {
    for (const close of leftOpen.splice(0).toReversed()) await close();
  });
}

/** Opens an empty store of that kind, which is closed and removed after the test. */
export async function openStore(kind: StoreKind, wall?: string | number): Promise<OpenedStore> {
  const clock = fakeClock(wall);
  const place = await kind.place();
  leftOpen.push(() => place.remove());
  let store = await place.open(clock);
  leftOpen.push(() => store.close());
  return {
    clock,
    get store() {
      return store;
    },
    restart: async () => {
      await store.close();
      store = await place.open(clock);
      return store;
    },
  };
}
