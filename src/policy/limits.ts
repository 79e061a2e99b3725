import type { Charge, LimitWindow } from "../values/admission.ts";
import { decimalFromNumber } from "../values/decimal.ts";
import type { Call } from "./call.ts";
import type { CompiledLimit } from "./compiled.ts";
import type { LimitReaders } from "./limit-readers.ts";
import type { LimitScope, LimitSource } from "./document.ts";
import { formatDuration, parseDuration } from "./durations.ts";

/** A `by` limit holds at most this many live values. */
export const liveKeysMax = 10_000;

/** What a limit is compiled from besides its source. */
export interface LimitPlace {
  readonly pointer: string;
  /** Which rules it belongs to, as counters are keyed: `tools:refund`, `category:Write`, `all_tools`. */
  readonly owner: string;
  readonly timeZone: string;
}

/** Pure. The window a limit's fields name, or undefined when they name none. */
export function windowOf(
  source: Pick<LimitSource, "window" | "concurrent">,
  timeZone: string,
): LimitWindow | undefined {
  if (source.concurrent === true) return { kind: "concurrent" };
  const { window } = source;
  if (window === undefined) return undefined;
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
  const { pointer } = place;
  const max = decimalFromNumber(source.max) ?? 0n;
  const familyOf = familyReader(source, window, place);
  const refundable = source.refund !== "never";
  const onDeny = source.on_deny;
  const { amount: readAmount, by: readBy } = readers;
  return {
    pointer,
    counter: source.counter,
    window,
    windowText: windowWords(window),
    paths: readers.paths,
    charge: (subject): Charge | undefined => {
      const amount = readAmount(subject);
      if (amount === undefined) return undefined;
      const family = familyOf(subject.call);
      let key = family;
      if (readBy !== undefined) {
        const value = readBy(subject);
        if (value === undefined) return undefined;
        key = family + JSON.stringify(value);
      }
      return {
        rule: pointer,
        counter: source.counter,
        family,
        key,
        liveKeysMax: readBy === undefined ? undefined : liveKeysMax,
        window,
        max,
        amount,
        refundable,
        onDeny,
      };
    },
  };
}

/**
 * The counter's family (policy.md §5 "Counters are keyed by"), as JSON text. The last one is kept: calls of one grant
 * come in runs, and building the text costs more than the rest of the charge.
 */
function familyReader(source: LimitSource, window: LimitWindow, place: LimitPlace): (call: Call) => string {
  const tail = [place.owner, source.counter, windowKey(window)];
  const scope = source.scope ?? "grant";
  let lastOrganisation: string | undefined;
  let lastServer: string | undefined;
  let lastValue: string | undefined;
  let lastKind: string | undefined;
  let family = "";
  return (call) => {
    const server = scope === "all" ? undefined : call.server.name;
    const { kind, value } = scopeOf(scope, call);
    if (lastOrganisation !== call.organisation || lastServer !== server || lastValue !== value || lastKind !== kind) {
      const head = server === undefined ? [call.organisation] : [call.organisation, server];
      family = JSON.stringify([...head, ...tail, kind, value]);
      lastOrganisation = call.organisation;
      lastServer = server;
      lastValue = value;
      lastKind = kind;
    }
    return family;
  };
}

/** Pure. Whose calls count together: without an owner or a session, the grant's. */
function scopeOf(scope: LimitScope, call: Call): { readonly kind: string; readonly value: string } {
  if (scope === "owner" && call.grant.owner !== undefined) return { kind: "owner", value: call.grant.owner };
  if (scope === "session" && call.session !== undefined) return { kind: "session", value: call.session };
  if (scope === "server" || scope === "all") return { kind: scope, value: "" };
  return { kind: "grant", value: call.grant.id };
}
