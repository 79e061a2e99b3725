import type { Actor } from "../audit/admin-event.ts";
import { type CounterPlace, counterPlaces, readCounterKey } from "../policy/index.ts";
import type { CounterReading, Store } from "../store/store.ts";
import { type ControlContext, demand, notFound } from "./control-context.ts";
import { type ControlState, type GrantEntry, organisationId } from "./state.ts";

/** Whose counters are asked for; members left out ask for all. */
export interface CounterFilter {
  readonly grant?: string;
  readonly server?: string;
  readonly policy?: string;
}

/** A limit where it counts. */
export interface LimitPlace extends CounterPlace {
  /** The server whose policy it is in. */
  readonly server: string;
  readonly policy: string;
  /** The first of the grants that it counts for. */
  readonly grant: string;
}

/** Every place where a limit of a policy in force counts, by its counters' family. Pure. */
export function limitPlaces(state: ControlState, filter: CounterFilter): ReadonlyMap<string, LimitPlace> {
  const places = new Map<string, LimitPlace>();
  for (const grant of state.grants.values()) {
    if (grant.revokedMs !== undefined || (filter.grant ?? grant.id) !== grant.id) continue;
    for (const [server, policy] of grant.servers) {
      if (policy === undefined || (filter.server ?? server) !== server || (filter.policy ?? policy) !== policy)
        continue;
      for (const place of placesOf(state, grant, server, policy)) {
        if (!places.has(place.family)) places.set(place.family, place);
      }
    }
  }
  return places;
}

function placesOf(state: ControlState, grant: GrantEntry, server: string, policy: string): readonly LimitPlace[] {
  const compiled = state.policies.get(policy)?.compiled;
  if (compiled === undefined) return [];
  const { id, label, owner, tags } = grant;
  const caller = { organisation: organisationId, server: { name: server }, grant: { id, label, owner, tags } };
  return counterPlaces(compiled, caller).map((place) => ({ ...place, server, policy, grant: id }));
}

/** A limit with what its counters say now: one, or for a `by` one for each value that counts something. */
export interface LimitStanding extends LimitPlace {
  readonly readings: readonly CounterReading[];
}

/** What the counters of these limits say now. Rejects with the store's errors. */
export async function readStandings(store: Store, places: readonly LimitPlace[]): Promise<readonly LimitStanding[]> {
  const readings = await store.readCounters(places);
  const byFamily = Map.groupBy(readings, ({ family }) => family);
  return places.map((place) => ({ ...place, readings: byFamily.get(place.family) ?? [] }));
}

/** What came of {@link resetCounter}. Decimal texts. */
export interface ResetCounter {
  readonly before: string;
  readonly after: string;
}

/**
 * Sets a counter to nothing; calls in flight keep their places. Throws `FORBIDDEN`, and `NOT_FOUND` for a key that
 * nothing is counted under. The change is recorded before it is made: one that fails in between is done again.
 */
export async function resetCounter(
  context: ControlContext,
  store: Store,
  actor: Actor,
  key: string,
): Promise<ResetCounter> {
  demand(actor, "counters.reset");
  const name = readCounterKey(key);
  if (name === undefined) throw notFound("counter", key);
  const [reading] = await store.readCounters([{ family: key, hasBy: false }]);
  if (reading === undefined || reading.used === "0") throw notFound("counter in use", name.family);
  const change = { before: reading.used, after: "0" };
  await context.database.change(actor, async ({ record }) => {
    // The value of an argument is in no event.
    const by = name.by === undefined ? {} : { by: "one value" };
    record({
      action: "counter.reset",
      objectId: name.family,
      before: { used: change.before, ...by },
      after: { used: change.after },
    });
  });
  await store.resetCounter(key);
  return change;
}
