import { limitPlaces, type LimitStanding, readStandings, resetCounter } from "../../control/counters.ts";
import { readCounterKey } from "../../policy/index.ts";
import { formatDecimal } from "../../values/decimal.ts";
import { may } from "../../values/roles.ts";
import type { BindOperation } from "../bind-operation.ts";
import * as contract from "../contract/counters.ts";
import { pageOfAll } from "../cursor.ts";
import type { WebParts } from "../web-parts.ts";

/** What is used of limits. */
export function bindCounters(bind: BindOperation, { control, store }: WebParts): void {
  bind(contract.listCounters, async ({ actor, query }) => {
    const part = limitPlaces(control.state(), query);
    const { items, nextCursor } = pageOfAll("counters", part, query, (place) => place);
    const standings = await readStandings(store, items);
    const showsKeys = may(actor.role, "counters.reset");
    return { answer: { items: standings.map((standing) => limitView(standing, showsKeys)), nextCursor } };
  });
  bind(contract.resetCounter, async ({ actor, body: { id } }) => ({
    answer: await resetCounter(control, store, actor, Buffer.from(id, "base64url").toString("utf8")),
  }));
}

/** The key of a counter may hold the value of an argument: who does not reset is not shown it. */
function limitView({ readings, ...place }: LimitStanding, showsKeys: boolean): contract.LimitView {
  const { server, policy, rule, counter, scope, windowText, max, hasBy } = place;
  const counters = readings.map(({ key, used, inFlight }) => ({
    id: showsKeys ? Buffer.from(key).toString("base64url") : null,
    by: showsKeys ? (readCounterKey(key)?.by ?? null) : null,
    used,
    inFlight,
  }));
  return { server, policy, rule, counter, scope, window: windowText, max: formatDecimal(max), hasBy, counters };
}
