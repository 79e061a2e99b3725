import { decimalFromNumber } from "../../values/decimal.ts";
import { isList, isObject, ownMember } from "../../values/json.ts";
import type { JsonObject, JsonValue } from "../../values/json.ts";
import { escapeStep } from "../../values/pointer.ts";
import { parseDuration } from "../../documents/durations.ts";
import { quoted } from "./note.ts";
import { addEntry, closeTool, counterNames, freeCounterName } from "./rules-draft.ts";
import type { RulesDraft } from "./rules-draft.ts";
import { stateBound, stateIncrement } from "./state-counter.ts";

/** What a rule says beside its quotas that goes into the limit. */
export interface LimitWords {
  readonly name: string | undefined;
  readonly onDeny: string | undefined;
}

const countedByAll =
  'counted for all callers of the server together, as the older process did (`"scope": "grant"` gives each grant its own)';
const namedLengths: ReadonlyMap<number | string, string> = new Map([
  [60, "minute"],
  [3600, "hour"],
]);
/** Leaves room for the ` 2` of a repeated name within the 200 characters of a counter. */
const counterLengthMax = 150;
const notGivenBack = "a call that was sent is not given back when it fails";

/** Adds a limit for each of `rate_limit`, `state` and `spend_limit` that the rule has. */
export function convertLimits(rule: JsonObject, words: LimitWords, path: string, draft: RulesDraft): void {
  const rate = ownMember(rule, "rate_limit");
  if (rate !== undefined) convertRateLimit(rate, words, `${path}/rate_limit`, draft);
  const spend = ownMember(rule, "spend_limit");
  if (spend !== undefined) convertSpendLimit(spend, words, `${path}/spend_limit`, draft);
  convertState(rule, words, path, draft);
}

/** Whether a condition reads a counter of the older engine rather than the call. */
export function isStateCondition(condition: JsonValue): boolean {
  const path = isObject(condition) ? ownMember(condition, "path") : undefined;
  return typeof path === "string" && path.startsWith("state.");
}

function convertRateLimit(rate: JsonValue, words: LimitWords, path: string, draft: RulesDraft): void {
  if (isObject(rate)) return convertRateBlock(rate, words, path, draft);
  const match = typeof rate === "string" ? /^\s*(\d{1,15})\s*\/\s*(second|minute|hour|day)\s*$/.exec(rate) : null;
  if (match === null) {
    return closeTool(
      draft,
      path,
      "rate_unreadable",
      "a rate is a whole number and `second`, `minute`, `hour` or `day`, such as `10/minute`",
    );
  }
  const [, max, window = ""] = match;
  const counter = counterName(words, `calls_per_${window}`);
  const target = addLimit(
    draft,
    { counter, window: window === "second" ? "1s" : window, max: Number(max), scope: "server" },
    words,
  );
  const message = `${windowSentence(window)}; ${countedByAll}; ${notGivenBack}`;
  draft.report({ severity: "changed", path, target, code: "limit", message });
}

/** `{ max, window }` with the window in seconds: printed on published pages, "per agent session". */
function convertRateBlock(rate: JsonObject, words: LimitWords, path: string, draft: RulesDraft): void {
  const max = ownMember(rate, "max");
  const window = ownMember(rate, "window");
  const isWindow = typeof window === "number" || typeof window === "string";
  if (Object.keys(rate).length !== 2 || !isQuantity(max) || !isWindow || !isLength(window)) {
    return closeTool(draft, path, "rate_unreadable", "a rate block is `max` and `window`, with the window in seconds");
  }
  const length = namedLengths.get(window) ?? window;
  const counter = counterName(words, `calls_per_${typeof length === "number" ? `${length}s` : length}`);
  const target = addLimit(draft, { counter, window: length, max, scope: "grant" }, words);
  const message = `${windowSentence(length)}; counted for each grant where the page said "per agent session", so that a new session does not refill it; ${notGivenBack}`;
  draft.report({ severity: "changed", path, target, code: "limit", message });
}

function convertSpendLimit(spend: JsonValue, words: LimitWords, path: string, draft: RulesDraft): void {
  const match =
    typeof spend === "string" ? /^\s*\$?(\d{1,12}(?:\.\d{1,2})?)\s*\/\s*(minute|hour|day|month)\s*$/.exec(spend) : null;
  if (match === null) {
    return closeTool(
      draft,
      path,
      "rate_unreadable",
      "a spend limit is an amount and `minute`, `hour`, `day` or `month`, such as `$500/day`",
    );
  }
  const [, max, window = ""] = match;
  const limit = {
    counter: counterName(words, `spend_per_${window}`),
    window,
    max: Number(max),
    scope: "server",
    increment_from: "args.amount",
  };
  const target = addLimit(draft, limit, words);
  const message = `the amount is assumed to be \`args.amount\` in the unit of the limit, and a call without such a number is denied: check both; ${countedByAll}`;
  draft.report({ severity: "changed", path, target, code: "spend_limit", message });
}

function convertState(rule: JsonObject, words: LimitWords, rulePath: string, draft: RulesDraft): void {
  const conditions = ownMember(rule, "conditions");
  const stateConditions = isList(conditions)
    ? conditions.flatMap((condition, index) =>
        isObject(condition) && isStateCondition(condition)
          ? [{ condition, path: `${rulePath}/conditions/${index}` }]
          : [],
      )
    : [];
  const state = ownMember(rule, "state");
  const path = `${rulePath}/state`;
  const block = state === undefined ? undefined : readStateBlock(state, path, draft);
  const own = block === undefined ? undefined : `state.${draft.stateScope}.${block.counter}`;
  const bounds: number[] = [];
  for (const { condition, path: conditionPath } of stateConditions) {
    if (ownMember(condition, "path") === own) {
      const bound = stateBound(condition, conditionPath, draft);
      if (bound !== undefined) bounds.push(bound);
    } else {
      const why =
        "a condition can bound only the counter that its own rule keeps in `state`; no limit can look at another one";
      closeTool(draft, conditionPath, "state_elsewhere", why);
    }
  }
  if (block === undefined) return;
  if (bounds.length === 0) {
    if (stateConditions.length === 0) {
      const message = `the counter ${quoted(block.counter)} has no \`lte\` or \`lt\` condition in its rule, so the older engine never counted it; write a limit if one was meant`;
      draft.report({ severity: "dropped", path, code: "state_never_counted", message });
    }
    return;
  }
  if (bounds.length > 1) {
    const message =
      "several conditions bound one counter, of which the older engine reserved against the first; the smallest counts";
    draft.report({ severity: "changed", path, code: "limit_bounds", message });
  }
  addStateLimit(block, Math.min(...bounds), words, path, draft);
}

interface StateBlock {
  readonly counter: string;
  readonly window: string;
  readonly source: JsonObject;
}

function readStateBlock(state: JsonValue, path: string, draft: RulesDraft): StateBlock | undefined {
  if (!isObject(state)) {
    closeTool(draft, path, "state_unreadable", "`state` is an object with `counter` and `window`");
    return undefined;
  }
  for (const key of Object.keys(state)) {
    if (["counter", "window", "increment", "increment_from"].includes(key)) continue;
    closeTool(draft, `${path}/${escapeStep(key)}`, "key_unknown", `\`state\` has no key ${quoted(key)}`);
  }
  const counter = ownMember(state, "counter");
  const window = ownMember(state, "window");
  if (
    typeof counter !== "string" ||
    counter === "" ||
    counter.length > counterLengthMax ||
    (window !== "minute" && window !== "hour" && window !== "day")
  ) {
    closeTool(draft, path, "state_unreadable", "`state` wants a `counter` and a `window` of `minute`, `hour` or `day`");
    return undefined;
  }
  return { counter, window, source: state };
}

function addStateLimit(block: StateBlock, max: number, words: LimitWords, path: string, draft: RulesDraft): void {
  const { counter, window } = block;
  if (draft.stateCounters.has(counter)) {
    const why = `two rules keep the counter ${quoted(counter)}, so each call counted in it more than once, which no limit does`;
    closeTool(draft, `${path}/counter`, "counter_shared", why);
  }
  draft.stateCounters.add(counter);
  if (max < 0) return closeTool(draft, path, "never_holds", "the bound is below zero, so it never held");
  const increment = stateIncrement(block.source, path, draft);
  if (increment === undefined) return;
  const target = addLimit(draft, { counter, window, max, scope: "server", ...increment }, words);
  const exact = Object.hasOwn(increment, "increment_from")
    ? "; amounts are added exactly, no longer cut to whole numbers, and a negative one is denied instead of lowering the counter"
    : "";
  const called = words.name === undefined ? "" : `the rule ${quoted(words.name)}: `;
  const message = `${called}${windowSentence(window)}; ${countedByAll}; ${notGivenBack}${exact}`;
  draft.report({ severity: "changed", path, target, code: "limit", message });
}

/** Whether a limit may have this as its `max`. */
function isQuantity(max: JsonValue | undefined): max is number {
  return typeof max === "number" && max >= 0 && decimalFromNumber(max) !== undefined;
}

/** Whether a limit may have this window. */
function isLength(window: number | string): boolean {
  return window === "day" || parseDuration(window) !== undefined;
}

/** The limit's name: the rule's own, unless it has none or one that is too long for a counter. */
function counterName(words: LimitWords, otherwise: string): string {
  return words.name === undefined || words.name.length > counterLengthMax ? otherwise : words.name;
}

function windowSentence(window: number | string): string {
  if (window === "day") return "the UTC day, which resets at midnight as before";
  return "the window slides instead of starting anew with the clock, so a burst across the boundary no longer passes";
}

/** Adds a limit under a name that no other limit of the list has, and gives its pointer. */
function addLimit(draft: RulesDraft, limit: JsonObject & { readonly counter: string }, words: LimitWords): string {
  const counter = freeCounterName(limit.counter, counterNames(draft));
  return addEntry(draft, "limits", {
    ...limit,
    counter,
    ...(words.onDeny === undefined ? {} : { on_deny: words.onDeny }),
  });
}
