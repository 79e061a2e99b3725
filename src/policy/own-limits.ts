import type { CompiledLimit } from "./compiled.ts";
import type { CompileContext } from "./compile-context.ts";
import { reportError, reportWarning } from "./compile-context.ts";
import type { CommonRulesSource, LimitSource, RateLimitSource } from "./document.ts";
import { decimalFromNumber, parseDecimal } from "../values/decimal.ts";
import { compileReaders } from "./limit-readers.ts";
import { compileLimit, windowOf } from "./limits.ts";

/** Compiles `limits`, then `rate_limit`, then `spend_limit`. Those with problems are reported and left out. */
export function compileOwnLimits(
  source: CommonRulesSource,
  pointer: string,
  owner: string,
  context: CompileContext,
): readonly CompiledLimit[] {
  const compiled: CompiledLimit[] = [];
  const counters = new Set<string>();
  for (const { limit, place } of limitSourcesOf(source, pointer, context)) {
    checkCounter(limit.counter, place, counters, context);
    const one = compileOne(limit, place, owner, context);
    if (one !== undefined) compiled.push(one);
  }
  return compiled;
}

/** A limit in full, and where it is written. */
interface PlacedLimit {
  readonly limit: LimitSource;
  readonly place: string;
}

function limitSourcesOf(source: CommonRulesSource, pointer: string, context: CompileContext): readonly PlacedLimit[] {
  const placed: PlacedLimit[] = (source.limits ?? []).map((limit, index) => ({
    limit,
    place: `${pointer}/limits/${index}`,
  }));
  if (source.rate_limit !== undefined) {
    const limit = expandRateLimit(source.rate_limit);
    const place = `${pointer}/rate_limit`;
    if (limit === undefined) reportRate(place, "10/minute", "/second, /minute, /hour or /day", context);
    else placed.push({ limit, place });
  }
  if (source.spend_limit !== undefined) {
    const limit = expandSpendLimit(source.spend_limit);
    const place = `${pointer}/spend_limit`;
    if (limit === undefined) reportRate(place, "$500/day", "/minute, /hour, /day or /month", context);
    else {
      placed.push({ limit, place });
      reportSpendLimit(limit, place, context);
    }
  }
  return placed;
}

/** Pure. The limit that `rate_limit` is short for; undefined for a text that is no rate. */
export function expandRateLimit(source: RateLimitSource): LimitSource | undefined {
  if (typeof source !== "string") return { counter: "rate_limit", ...source, scope: "grant" };
  const match = /^(\d{1,15})\/(second|minute|hour|day)$/.exec(source);
  if (match === null) return undefined;
  const [, count, unit = ""] = match;
  return { counter: "rate_limit", max: Number(count), window: unit === "second" ? 1 : unit, scope: "grant" };
}

/** Pure. The limit that `spend_limit` is short for; undefined for a text that is no amount per time. */
export function expandSpendLimit(source: string): LimitSource | undefined {
  const match = /^[$€£]?(\d{1,15}(?:\.\d{1,9})?)\/(minute|hour|day|month)$/.exec(source);
  if (match === null) return undefined;
  const [, amount = "", window = ""] = match;
  const max = Number(amount);
  if (decimalFromNumber(max) !== parseDecimal(amount)) return undefined;
  return { counter: "spend_limit", max, window, scope: "grant", increment_from: "args.amount" };
}

function reportRate(place: string, example: string, units: string, context: CompileContext): void {
  reportError(context, {
    code: "RATE_INVALID",
    message: "this is not a number and a time that can be read",
    path: place,
    hint: `write it like \`"${example}"\`, with ${units}, or use an entry of \`limits\``,
  });
}

function reportSpendLimit(limit: LimitSource, place: string, context: CompileContext): void {
  reportWarning(context, {
    code: "SPEND_LIMIT_ASSUMED",
    message: `the amount is taken to be \`args.amount\`, in the same unit as ${limit.max}; a call without such a number is denied`,
    path: place,
    hint: "write an entry of `limits` with `increment_from` to say which argument is the amount",
  });
}

function checkCounter(counter: string, place: string, seen: Set<string>, context: CompileContext): void {
  if (seen.has(counter)) {
    reportError(context, {
      code: "COUNTER_REPEATED",
      message: `the counter \`${counter}\` is named twice here`,
      path: place,
      hint: "give each limit a counter name of its own",
    });
  }
  seen.add(counter);
}

function compileOne(
  limit: LimitSource,
  place: string,
  owner: string,
  context: CompileContext,
): CompiledLimit | undefined {
  if (!doFieldsFit(limit, place, context)) return undefined;
  const window = windowOf(limit, context.timeZone);
  if (window === undefined) {
    reportError(context, {
      code: "DURATION_INVALID",
      message: `\`${String(limit.window).slice(0, 40)}\` is not a window`,
      path: `${place}/window`,
      hint: 'write seconds, `"minute"`, `"hour"`, `"day"`, `"month"`, or text like `"90s"`, `"15m"`, `"24h"`, `"7d"`, from 1 s to 366 d',
    });
    return undefined;
  }
  if (limit.scope === "session") {
    reportWarning(context, {
      code: "LIMIT_SCOPE_SESSION",
      message: "this limit counts by session alone, and an agent can open a new session",
      path: `${place}/scope`,
      hint: 'use `"scope": "grant"`, or add a second limit that does',
    });
  }
  const max = decimalFromNumber(limit.max);
  if (max === undefined) {
    reportError(context, {
      code: "LIMIT_INVALID",
      message: "`max` has more than 15 digits before or 9 after the point",
      path: `${place}/max`,
      hint: "write a shorter number",
    });
    return undefined;
  }
  const readers = compileReaders(limit, place, context);
  return readers && compileLimit(limit, window, { pointer: place, owner, max }, readers);
}

const incrementKeys = ["increment", "increment_from", "increment_length_of"] as const;
const keysWithoutConcurrent = ["window", ...incrementKeys, "refund"] as const;

function doFieldsFit(limit: LimitSource, place: string, context: CompileContext): boolean {
  const problems: string[] = [];
  if (limit.increment !== undefined && decimalFromNumber(limit.increment) === undefined) {
    problems.push("`increment` has more than 15 digits before or 9 after the point");
  }
  const increments = incrementKeys.filter((key) => limit[key] !== undefined);
  if (increments.length > 1) problems.push(`${increments.map((key) => `\`${key}\``).join(" and ")} exclude each other`);
  if (limit.concurrent === true) {
    for (const key of keysWithoutConcurrent) {
      if (limit[key] !== undefined) problems.push(`\`${key}\` has no meaning beside \`concurrent\``);
    }
  } else if (limit.window === undefined) {
    problems.push("`window` is missing");
  }
  for (const message of problems) {
    reportError(context, { code: "LIMIT_INVALID", message, path: place, hint: "see `limits` in the policy reference" });
  }
  return problems.length === 0;
}
