import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type { Call } from "../../../src/policy/call.ts";
import type { JsonObject, JsonValue } from "../../../src/values/json.ts";
import type { PolicyDocument, Rules } from "../document.ts";
import { mapRules } from "../rewrite.ts";
import { flow, limits, rateLimit } from "./policies.ts";
import { pick, present, sometimes } from "./present.ts";
import { servers } from "./vocabulary.ts";

/** Tools of the sequences, so few that they meet again and again. */
const tools = ["read_file", "send_mail", "refund"];

const limitedRules = {
  limits: sometimes(55, limits),
  rate_limit: sometimes(25, rateLimit),
  spend_limit: sometimes(10, pick(["$500/day", "$10/day"])),
  approve_if: sometimes(8, fc.constant([{ conditions: [{ path: "args.amount", op: "gt" as const, value: 50 }] }])),
};

const rules: Arbitrary<Rules> = fc.record(limitedRules).map((made): Rules => present(made));

/** A document full of limits and flows, in which little else decides. */
export const limitedDocument: Arbitrary<PolicyDocument> = fc
  .record({
    version: fc.constant("1" as const),
    default: fc.constant("allow" as const),
    tools: fc.record({ read_file: rules, "*": rules, send_mail: rules }, { requiredKeys: [] }),
    categories: sometimes(15, fc.record({ Financial: rules })),
    all_tools: sometimes(50, rules),
    flows: sometimes(35, fc.array(flow, { minLength: 1, maxLength: 2 })),
    lists: fc.constant({ secretTools: ["read_file", "send_*"] }),
    time_zone: sometimes(40, pick(["Europe/Berlin", "Asia/Kathmandu"])),
  })
  .map((made): PolicyDocument => present(made));

const args: Arbitrary<JsonObject> = fc
  .record({
    amount: sometimes(95, pick<JsonValue>([1, 5, 0.5, 100, "2.50", "1", 5.000000001, 0])),
    count: sometimes(90, pick<JsonValue>([1, 2])),
    note: sometimes(90, pick<JsonValue>(["5", 5, "a", "b"])),
    to: sometimes(95, pick<JsonValue>([["a"], ["a", "b"], []])),
    amounts: sometimes(95, pick<JsonValue>([[1], [0.1, "0.2"], [1, 2, 3]])),
    parts: sometimes(95, pick<JsonValue>([[{ size: 1 }], [{ size: "1.5" }, { size: 2 }]])),
    meta: sometimes(95, pick<JsonValue>([{ env: "prod" }, { env: 5 }, { env: "5" }])),
  })
  .map((made): JsonObject => present(made));

/** A call by one of a few callers with one of a few arguments. */
export const repeatedCall: Arbitrary<Call> = fc.record({
  organisation: pick(["org", "org", "org", "other"]),
  server: pick(servers).map((name) => ({ name })),
  grant: pick([
    { id: "g1", label: "one", owner: "alice", tags: {} },
    { id: "g1", label: "one", owner: "bob", tags: {} },
    { id: "g2", label: "two", owner: "alice", tags: {} },
    { id: "alice", label: "three", owner: undefined, tags: {} },
  ]),
  client: fc.constant({ ip: undefined, name: undefined, version: undefined }),
  session: pick(["s1", "s2", "g1", undefined]),
  tool: fc.record({
    name: pick(tools),
    isListed: fc.constant(true),
    isChanged: fc.constant(false),
    review: pick([
      { category: "Financial" as const, signals: ["sends_to_recipient" as const] },
      { category: "Read" as const, signals: ["loads_untrusted_content" as const] },
      undefined,
    ]),
    schema: fc.constant(undefined),
  }),
  args,
});

/**
 * Pure. The same document after an edit: some maxima higher and some lower, another order of limits. What was used so
 * far still counts.
 */
export function edited(document: PolicyDocument): PolicyDocument {
  return mapRules(document, (found) => ({
    ...found,
    ...(found.limits && {
      limits: found.limits
        .toReversed()
        .map((limit) => ({ ...limit, max: limit.max === 3 || limit.max === 5 ? 1 : limit.max + 2 })),
    }),
  }));
}
