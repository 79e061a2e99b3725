import type { Charge, LimitWindow } from "../values/admission.ts";
import { zero } from "../values/decimal.ts";
import type { Decimal } from "../values/decimal.ts";
import type { Subject } from "./conditions/condition.ts";
import type { Call } from "./call.ts";
import type { CompiledLimit } from "./compiled.ts";
import type { LimitReaders } from "./limit-readers.ts";
import type { LimitScope, LimitSource } from "./document.ts";
import { formatDuration, parseDuration } from "../documents/durations.ts";

/** A `by` limit holds at most this many live values. */
const liveKeysMax = 10_000;

/** What a limit is compiled from besides its source. */
export interface LimitPlace {
  readonly pointer: string;
  /** Which rules it belongs to, as counters are keyed: `tools:refund`, `category:Write`, `all_tools`. */
  readonly owner: string;
  readonly max: Decimal;
}

/** Pure. The window a limit's fields name, or undefined when they name none. */
export function windowOf(
  source: Pick<LimitSource, "window" | "concurrent">,
  timeZone: string,
): LimitWindow | undefined {
  if (source.concurrent === true) return { kind: "concurrent" };
  const { window = "" } = source;
  if (window === "day" || window === "month") return { kind: "calendar", unit: window, timeZone };
  const windowMs = parseDuration(window);
  return windowMs === undefined ? undefined : { kind: "sliding", windowMs };
}

/** Pure. A window in words: `minute`, `hour`, `15m`, `day`, `in flight`. */
export function windowWords(window: LimitWindow): string {
  switch (window.kind) {
    case "concurrent":
      return "in flight";
    case "calendar":
      return window.unit;
    case "sliding":
      if (window.windowMs === 60_000) return "minute";
      return window.windowMs === 3_600_000 ? "hour" : formatDuration(window.windowMs);
  }
}

/** The text that stands for the window in the counter's key: the same for all spellings of one length. */
function windowKey(window: LimitWindow): string {
  return window.kind === "sliding" ? `${window.windowMs}ms` : window.kind === "calendar" ? window.unit : "concurrent";
}

/** Pure. Compiles a limit whose fields are known to fit together. */
export function compileLimit(
  source: LimitSource,
  window: LimitWindow,
  place: LimitPlace,
  readers: LimitReaders,
): CompiledLimit {
  const { amount: readAmount, by: readBy, fixed } = readers;
  const templateOf = templateReader(source, window, place, fixed ?? zero, readBy !== undefined);
  const charge = (subject: Subject): Charge | undefined => {
    const template = templateOf(subject.call);
    if (fixed !== undefined && readBy === undefined) return template;
    const amount = readAmount(subject);
    const value = readBy?.(subject);
    if (amount === undefined || (readBy !== undefined && value === undefined)) return undefined;
    const key = value === undefined ? template.key : template.family + JSON.stringify(value);
    return { ...template, key, amount };
  };
  const { pointer } = place;
  return {
    pointer,
    counter: source.counter,
    window,
    windowText: windowWords(window),
    paths: readers.paths,
    standing: templateOf,
    charge,
  };
}

/** How many scope values a limit remembers the charge of before it starts afresh. */
const rememberedMax = 1000;

/**
 * The charge of a call but for what its arguments say, with the counter's family as JSON text (policy.md §5 "Counters
 * are keyed by"). Remembered by scope value: building the text costs more than everything else about a charge.
 */
function templateReader(
  source: LimitSource,
  window: LimitWindow,
  place: LimitPlace,
  amount: Decimal,
  hasBy: boolean,
): (call: Call) => Charge {
  const tail = [place.owner, source.counter, windowKey(window)];
  const scope = source.scope ?? "grant";
  const remembered = new Map<string, Charge>();
  let organisation: string | undefined;
  let server: string | undefined;
  const create = (call: Call): Charge => {
    const head = scope === "all" ? [call.organisation] : [call.organisation, call.server.name];
    const family = JSON.stringify([...head, ...tail, ...scopeOf(scope, call)]);
    return {
      rule: place.pointer,
      counter: source.counter,
      family,
      key: family,
      liveKeysMax: hasBy ? liveKeysMax : undefined,
      window,
      max: place.max,
      amount,
      refundable: source.refund !== "never",
      onDeny: source.on_deny,
    };
  };
  return (call) => {
    if (organisation !== call.organisation || server !== call.server.name || remembered.size >= rememberedMax) {
      remembered.clear();
      organisation = call.organisation;
      server = call.server.name;
    }
    const value = scope === "grant" ? call.grant.id : scopeOf(scope, call).join(":");
    let charge = remembered.get(value);
    if (charge === undefined) {
      charge = create(call);
      remembered.set(value, charge);
    }
    return charge;
  };
}

/** Pure. Whose calls count together, as kind and value: without an owner or a session, the grant's. */
function scopeOf(scope: LimitScope, call: Call): readonly [kind: string, value: string] {
  if (scope === "owner" && call.grant.owner !== undefined) return ["owner", call.grant.owner];
  if (scope === "session" && call.session !== undefined) return ["session", call.session];
  if (scope === "server" || scope === "all") return [scope, ""];
  return ["grant", call.grant.id];
}
