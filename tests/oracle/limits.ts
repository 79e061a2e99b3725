import type { Call } from "../../src/policy/call.ts";
import type { JsonValue } from "../../src/values/json.ts";
import type { Limit, PolicyDocument, Rules } from "./document.ts";
import type { Exact } from "./exact.ts";
import { add, digitCounts, exactOfNumber, exactOfText, zero } from "./exact.ts";
import { lengthMs } from "./instants.ts";
import { isListValue } from "./plain.ts";
import type { Reach } from "./paths.ts";
import type { Selected } from "./tools.ts";
import { reachIn } from "./world.ts";

/** How a limit counts: over a stretch of time, a calendar day or month, or calls in flight. */
export type Span =
  | { readonly kind: "sliding"; readonly ms: number }
  | { readonly kind: "day" }
  | { readonly kind: "month" }
  | { readonly kind: "in flight" };

/** One limit as it stands for one call. */
export interface Claim {
  readonly pointer: string;
  readonly span: Span;
  readonly max: Exact;
  readonly isRefundable: boolean;
  /** Which counter; undefined when the `by` value cannot be used. */
  readonly counter: string | undefined;
  /** What the call uses; undefined when it cannot be told, which denies with `increment_invalid`. */
  readonly amount: Exact | undefined;
}

/** A limit written out in full, with the place it stands at. */
interface Written {
  readonly pointer: string;
  readonly limit: Limit;
}

/** Pure. Every limit of a call in the order of the document: the tool's own, then those of `all_tools`. */
export function claimsOf(document: PolicyDocument, selected: Selected | undefined, call: Call): readonly Claim[] {
  const own = selected === undefined ? [] : claimsOfRules(document, selected, call);
  const everywhere = document.all_tools;
  if (everywhere === undefined) return own;
  return [...own, ...claimsOfRules(document, { rules: everywhere, pointer: "/all_tools", key: "all_tools" }, call)];
}

function claimsOfRules(document: PolicyDocument, place: Selected, call: Call): readonly Claim[] {
  return writtenLimits(place.rules, place.pointer).map(({ pointer, limit }) => {
    const by = limit.by === undefined ? "none" : byValue(document, limit.by, call);
    const amount = amountOf(document, limit, call);
    return {
      pointer,
      span: spanOf(limit),
      max: exactOfNumber(limit.max),
      isRefundable: limit.refund !== "never",
      counter: by === undefined ? undefined : counterName(pointer, place.key, limit, by, call),
      amount,
    };
  });
}

/** The short forms written as limits (policy.md §7). */
function writtenLimits(rules: Rules, pointer: string): readonly Written[] {
  const written: Written[] = (rules.limits ?? []).map((limit, i) => ({ pointer: `${pointer}/limits/${i}`, limit }));
  const { rate_limit: rate, spend_limit: spend } = rules;
  if (rate !== undefined) written.push({ pointer: `${pointer}/rate_limit`, limit: rateLimit(rate) });
  if (spend !== undefined) {
    const max = Number(spend.replace("$", "").replace("/day", ""));
    const limit: Limit = { counter: "spend_limit", max, window: "day", increment_from: "args.amount" };
    written.push({ pointer: `${pointer}/spend_limit`, limit });
  }
  return written;
}

function rateLimit(rate: string | { readonly max: number; readonly window: number }): Limit {
  if (typeof rate !== "string") return { counter: "rate_limit", max: rate.max, window: rate.window };
  const [max, window = ""] = rate.split("/");
  return { counter: "rate_limit", max: Number(max), window };
}

function spanOf(limit: Limit): Span {
  if (limit.concurrent === true) return { kind: "in flight" };
  const window = limit.window ?? "";
  if (window === "day" || window === "month") return { kind: window };
  return { kind: "sliding", ms: lengthMs(window) };
}

/** Organisation, server, key of the rules, counter, window, `by` value and whose calls count (policy.md §5). */
function counterName(pointer: string, key: string, limit: Limit, by: string, call: Call): string {
  const list = pointer.endsWith("limit") ? "short form" : "limits";
  const server = limit.scope === "all" ? "every server" : call.server.name;
  const parts = [call.organisation, server, key, list, limit.counter, String(limit.window ?? "concurrent"), by];
  return JSON.stringify([...parts, ...scopeOf(limit.scope ?? "grant", call)]);
}

/** Whose calls count together: no owner or no session means the grant. */
function scopeOf(scope: "grant" | "owner" | "session" | "server" | "all", call: Call): readonly string[] {
  if (scope === "server" || scope === "all") return [scope];
  if (scope === "owner" && call.grant.owner !== undefined) return ["owner", call.grant.owner];
  if (scope === "session" && call.session !== undefined) return ["session", call.session];
  return ["grant", call.grant.id];
}

/** `5` and `"5"` share a counter; anything but a scalar has none. */
function byValue(document: PolicyDocument, path: string, call: Call): string | undefined {
  const value = single(reachIn({ call, document, nowMs: 0 }, path));
  return value === undefined || value === null || typeof value === "object" ? undefined : `by ${String(value)}`;
}

function amountOf(document: PolicyDocument, limit: Limit, call: Call): Exact | undefined {
  const world = { call, document, nowMs: 0 };
  if (limit.increment_length_of !== undefined) {
    const list = single(reachIn(world, limit.increment_length_of));
    return isListValue(list) ? exactOfNumber(list.length) : undefined;
  }
  if (limit.increment_from !== undefined) return sum(reachIn(world, limit.increment_from));
  return exactOfNumber(limit.increment ?? 1);
}

function single(reach: Reach): JsonValue | undefined {
  return reach.kind === "one" && reach.place.kind === "value" ? reach.place.value : undefined;
}

/** The sum of all elements; one that cannot be read, or no element at all, spoils it. */
function sum(reach: Reach): Exact | undefined {
  if (reach.kind === "one") return readAmount(single(reach));
  if (reach.kind === "passed over" || reach.members.length === 0) return undefined;
  let total: Exact | undefined = zero;
  for (const member of reach.members) {
    const part = sum(member);
    total = total === undefined || part === undefined ? undefined : add(total, part);
  }
  return total;
}

/** A number or decimal text, not negative, with up to 15 digits before and 9 after the point. */
function readAmount(value: JsonValue | undefined): Exact | undefined {
  const isText = typeof value === "string" && /^\d+(\.\d+)?$/.test(value);
  if (!isText && typeof value !== "number") return undefined;
  const exact = typeof value === "number" ? exactOfNumber(value) : exactOfText(value);
  if (exact === undefined || exact.units < 0n) return undefined;
  const digits = digitCounts(exact);
  return digits.before > 15 || digits.after > 9 ? undefined : exact;
}
