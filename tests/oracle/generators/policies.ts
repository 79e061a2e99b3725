import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import { categories, signals } from "../../../src/policy/call.ts";
import type { Flow, Limit, ListOrName, PolicyDocument, Predicate, Rules, Selectors } from "../document.ts";
import { condition } from "./conditions.ts";
import { pick, present, sometimes } from "./present.ts";
import { namedLists } from "./right-sides.ts";
import { instants, patternFamilies, servers, toolNames, zones } from "./vocabulary.ts";

/** Bounds of rules, some of them between two milliseconds. */
const bounds = [...instants, "2026-06-15T12:00:00.2504Z", "2026-06-15T12:00:00.2496Z"];

const text = pick(["not today", "ask first"]);

/** An entry of a list of predicates; one in eight has no conditions and always holds. */
export const predicate: Arbitrary<Predicate> = fc
  .record({
    name: sometimes(10, pick(["first", "second"])),
    conditions: fc.oneof(
      { weight: 5, arbitrary: condition.map((one) => [one]) },
      { weight: 2, arbitrary: fc.array(condition, { minLength: 2, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
    on_deny: sometimes(20, text),
    mode: sometimes(15, pick(["enforce", "observe", "observe"] as const)),
    valid_from: sometimes(14, pick(bounds)),
    valid_until: sometimes(12, pick(bounds)),
  })
  .map((made): Predicate => {
    const { valid_from: from, valid_until: until, ...rest } = present(made);
    const isBackwards = from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until);
    return {
      ...rest,
      ...(from !== undefined && { valid_from: from }),
      ...(until !== undefined && !isBackwards && { valid_until: until }),
    };
  });

function predicates(max: number): Arbitrary<Predicate[]> {
  return fc.array(predicate, { minLength: 1, maxLength: max });
}

const amountPaths = ["args.amount", "args.amount", "args.count", "args.amounts[*]", "args.parts[*].size", "args.note"];
const scope = sometimes(75, pick(["grant", "owner", "owner", "session", "session", "server", "all"] as const));

const limitBase = {
  counter: pick(["a", "b", "c"]),
  max: pick([0, 1, 1, 2, 2, 3, 5, 100, 100.5]),
  scope,
  by: sometimes(25, pick(["args.to[0]", "args.amount", "args.meta.env"])),
  on_deny: sometimes(10, text),
};
const window = pick<string | number>(["minute", "hour", 1, 60, 90.5, "90s", "15m", "24h", "7d", "day", "month"]);

const windowLimit: Arbitrary<Limit> = fc
  .record({
    ...limitBase,
    window,
    refund: sometimes(20, pick(["not_sent", "never"] as const)),
    increase: fc.oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: pick([{ increment: 0 }, { increment: 2 }, { increment: 0.5 }]) },
      { weight: 2, arbitrary: pick(amountPaths).map((path) => ({ increment_from: path })) },
      {
        weight: 1,
        arbitrary: pick(["args.to", "args.amounts", "args.note"]).map((path) => ({ increment_length_of: path })),
      },
    ),
  })
  .map(({ increase, ...rest }): Limit => ({ ...present(rest), ...increase }));

const concurrentLimit: Arbitrary<Limit> = fc
  .record(limitBase)
  .map((made): Limit => ({ ...present(made), concurrent: true }));

const limit: Arbitrary<Limit> = fc.oneof(
  { weight: 6, arbitrary: windowLimit },
  { weight: 1, arbitrary: concurrentLimit },
);

/** Limits whose counters are unique in their list. */
export const limits: Arbitrary<Limit[]> = fc.uniqueArray(limit, {
  minLength: 1,
  maxLength: 3,
  selector: ({ counter }) => counter,
});

/** A short form of a limit. */
export const rateLimit: Arbitrary<string | { max: number; window: number }> = fc.oneof(
  pick(["1/minute", "3/minute", "2/hour", "5/day"]),
  fc.record({ max: pick([0, 1, 3]), window: pick([1, 60, 90]) }),
);

const commonRules = {
  require: sometimes(40, predicates(2)),
  deny_if: sometimes(55, predicates(4)),
  approve_if: sometimes(20, predicates(2)),
  limits: sometimes(20, limits),
  rate_limit: sometimes(12, rateLimit),
  spend_limit: sometimes(6, pick(["$500/day", "$10/day"])),
  validate_arguments: sometimes(20, fc.boolean()),
  unknown_arguments: sometimes(15, pick(["allow", "deny"] as const)),
};

/** The rules of a tool or a category; one in six is `{}`. */
export const rules: Arbitrary<Rules> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  {
    weight: 9,
    arbitrary: fc
      .record({
        ...commonRules,
        action: sometimes(25, pick(["allow", "allow", "deny", "require_approval"] as const)),
        reason: sometimes(100, text),
      })
      .map(({ reason, ...made }): Rules => {
        const hasReason = made.action === "deny" || made.action === "require_approval";
        return present({ ...made, ...(hasReason && { reason }) });
      }),
  },
);

const allTools: Arbitrary<Rules> = fc.record(commonRules).map((made): Rules => present(made));

const toolEntries: Arbitrary<Record<string, Rules>> = fc
  .tuple(
    fc.uniqueArray(pick(toolNames), { maxLength: 8, size: "max" }),
    pick(patternFamilies).chain((family) => fc.uniqueArray(pick(family), { maxLength: 3 })),
    sometimes(40, fc.constant("*")),
  )
  .chain(([names, patterns, star]) => {
    const keys = [...names, ...patterns, ...(star === undefined ? [] : [star])];
    return fc
      .tuple(...keys.map(() => rules))
      .map((made) => Object.fromEntries(keys.map((key, i) => [key, made[i] ?? {}])));
  });

const categoryEntries: Arbitrary<Record<string, Rules>> = fc
  .uniqueArray(pick(categories), { minLength: 1, maxLength: 4 })
  .chain((keys) =>
    fc.tuple(...keys.map(() => rules)).map((made) => Object.fromEntries(keys.map((key, i) => [key, made[i] ?? {}]))),
  );

const some = <T>(pool: readonly T[]): Arbitrary<T[]> => fc.uniqueArray(pick(pool), { minLength: 1, maxLength: 2 });

const selectors: Arbitrary<Selectors> = fc
  .record({
    tools: sometimes(
      40,
      fc.oneof(some([...toolNames, "read_*", "*_file", "*"]), fc.constant({ $list: "secretTools" })),
    ),
    categories: sometimes(40, some(categories)),
    signals: sometimes(40, some(signals)),
    servers: sometimes(15, some(servers)),
  })
  .map((made): Selectors => {
    const kept: Selectors = present(made);
    return Object.keys(kept).length === 0 ? { tools: ["read_*"] } : kept;
  });

/** One flow between two random selections of tools. */
export const flow: Arbitrary<Flow> = fc
  .record({
    name: pick(["leak", "loop"]),
    after: selectors,
    later: selectors,
    isDenying: fc.boolean(),
    within: pick(["30s", "30m", "2h", "1d"]),
    scope: sometimes(60, pick(["grant", "owner", "session"] as const)),
    on_deny: sometimes(20, text),
  })
  .map(({ later, isDenying, ...made }): Flow => ({
    ...present(made),
    ...(isDenying ? { deny: later } : { require_approval: later }),
  }));

const hidden: Arbitrary<ListOrName> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.uniqueArray(pick([...toolNames, "delete_*", "*_mail", "odd/*"]), { minLength: 1, maxLength: 2 }),
  },
  { weight: 1, arbitrary: fc.constant({ $list: "secretTools" }) },
);

/** A random valid document with everything that decides a tool call. */
export const policyDocument: Arbitrary<PolicyDocument> = fc
  .record({
    version: fc.constant("1" as const),
    default: pick(["allow", "allow", "allow", "deny"] as const),
    description: sometimes(5, fc.constant("made by chance")),
    hide: sometimes(15, hidden),
    tools: sometimes(92, toolEntries),
    categories: sometimes(30, categoryEntries),
    all_tools: sometimes(60, allTools),
    flows: sometimes(20, fc.array(flow, { minLength: 1, maxLength: 3 })),
    time_zone: sometimes(40, pick(zones)),
    lists: fc.constant(namedLists),
  })
  .map((made): PolicyDocument => present(made));
