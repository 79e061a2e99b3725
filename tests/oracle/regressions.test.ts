import { describe, expect, test } from "vitest";
import { decide } from "../../src/policy/index.ts";
import type { JsonValue } from "../../src/values/json.ts";
import { caseOf } from "./compare.ts";
import { oracleDecide } from "./decide.ts";
import type { PolicyDocument } from "./document.ts";
import { load } from "./real.ts";

/** A case on which the engine and the oracle once differed, or might, with the sentence that settles it. */
interface Settled {
  readonly name: string;
  readonly why: string;
  readonly rules: JsonValue;
  /** The call, its tool always `refund`; members left out take their plain defaults. */
  readonly call: { readonly [key: string]: JsonValue };
  readonly nowMs?: number;
  readonly document?: { readonly [key: string]: JsonValue };
  readonly expected: readonly [outcome: string, code: string, rule: string];
}

const instant = Date.parse("2026-06-15T12:00:00.250Z");
const allowed = ["allow", "allowed", ""] as const;

function denyIf(...conditions: readonly JsonValue[]): JsonValue {
  return { deny_if: [{ conditions }] };
}

function require(...conditions: readonly JsonValue[]): JsonValue {
  return { require: [{ conditions }] };
}

const cases: readonly Settled[] = [
  {
    name: "an argument that the schema does not name is denied under `unknown_arguments: deny`",
    why: "§2 unknown_arguments",
    rules: { unknown_arguments: "deny" },
    call: { tool: { schema: { schema: { properties: { a: {} } } } }, args: { tree: [] } },
    expected: ["deny", "unknown_argument", "/tools/refund/unknown_arguments"],
  },
  {
    name: "without a known schema every argument is unknown",
    why: "§2: what is no schema names nothing; doubt denies",
    rules: { unknown_arguments: "deny" },
    call: { args: { tree: [] } },
    expected: ["deny", "unknown_argument", "/tools/refund/unknown_arguments"],
  },
  {
    name: "`additionalProperties: false` denies unknown arguments by default",
    why: "§2: default deny when the schema says so",
    rules: {},
    call: { tool: { schema: { schema: { additionalProperties: false } } }, args: { tree: [] } },
    expected: ["deny", "unknown_argument", "/tools/refund/unknown_arguments"],
  },
  {
    name: "an argument that differs by case from one that a rule names is denied even under `unknown_arguments: allow`",
    why: "§2: always denied, unless the schema names it too",
    rules: { unknown_arguments: "allow", ...Object(denyIf({ path: "args.note", op: "eq", value: "x" })) },
    call: { args: { Note: "x" } },
    expected: ["deny", "unknown_argument", "/tools/refund/unknown_arguments"],
  },
  {
    name: "the denial of a case twin points at the setting that is written",
    why: "§4: a pointer names exactly one place in the document",
    document: { all_tools: { unknown_arguments: "allow", spend_limit: "$500/day" } },
    rules: {},
    call: { args: { AMOUNT: 1 } },
    expected: ["deny", "unknown_argument", "/all_tools/unknown_arguments"],
  },
  {
    name: "an entry still acts at the very instant of `valid_until`",
    why: "§2: outside its life the entry does nothing; the bound is not outside",
    rules: { deny_if: [{ conditions: [], valid_until: "2026-06-15T09:00:00.250-03:00" }] },
    call: {},
    nowMs: instant,
    expected: ["deny", "deny_if_matched", "/tools/refund/deny_if/0"],
  },
  {
    name: "an entry is over one millisecond after `valid_until`",
    why: "§2",
    rules: { deny_if: [{ conditions: [], valid_until: "2026-06-15T12:00:00.250Z" }] },
    call: {},
    nowMs: instant + 1,
    expected: allowed,
  },
  {
    name: "bounds finer than a millisecond are compared exactly",
    why: "§2: outside its life the entry does nothing",
    rules: { deny_if: [{ conditions: [], valid_from: "2026-06-15T12:00:00.2504Z" }] },
    call: {},
    nowMs: instant,
    expected: allowed,
  },
  {
    name: "a `value_from` of the wrong type cannot be judged even when the left side is absent",
    why: "§2: a right side absent, null, empty or of the wrong type cannot be judged",
    rules: denyIf({ path: "args.when", op: "gt", value_from: "args.to" }),
    call: { args: { to: ["x"] } },
    expected: ["deny", "cannot_judge", "/tools/refund/deny_if/0"],
  },
  {
    name: "a `value_from` that is no instant cannot be judged even when the left side is absent",
    why: "§2, as before",
    rules: denyIf({ path: "args.flag", op: "after", value_from: "args.note" }),
    call: { args: { note: "soon" } },
    expected: ["deny", "cannot_judge", "/tools/refund/deny_if/0"],
  },
  {
    name: "a `value_from` of the wrong type for `exists` cannot be judged even over an empty list",
    why: "§2, as before",
    rules: denyIf({ path: "args.to[*]", op: "exists", value_from: "tool.name" }),
    call: { args: { to: [] } },
    expected: ["deny", "cannot_judge", "/tools/refund/deny_if/0"],
  },
  {
    name: "`not_in` with a `value_from` that is no list cannot be judged even when the left side is absent",
    why: "§2, as before; the call is denied either way",
    rules: denyIf({ path: "args.to", op: "not_in", value_from: "tool.name" }),
    call: {},
    expected: ["deny", "cannot_judge", "/tools/refund/deny_if/0"],
  },
  {
    name: "an IPv4-mapped address in hexadecimal is not canonical and cannot be judged",
    why: "§2: cidr reads only canonical addresses (RFC 5952 §5)",
    rules: denyIf({ path: "args.ip", op: "cidr", value: ["::1/128"] }),
    call: { args: { ip: "::ffff:a00:1" } },
    expected: ["deny", "cannot_judge", "/tools/refund/deny_if/0"],
  },
  {
    name: "an IPv4-mapped address in its usual form is read as IPv4",
    why: "§2: IPv4-mapped IPv6 read as IPv4",
    rules: require({ path: "args.ip", op: "cidr", value: ["10.0.0.0/8"] }),
    call: { args: { ip: "::ffff:10.0.0.1" } },
    expected: allowed,
  },
  {
    name: "an empty list under `not` on the deny side follows the side",
    why: "§2: what an empty list gives follows the side, never `not`",
    rules: denyIf({ not: { path: "args.to[*]", op: "eq", value: "a" } }),
    call: { args: { to: [] } },
    expected: ["deny", "deny_if_matched", "/tools/refund/deny_if/0"],
  },
  {
    name: "an empty list inside a list keeps `require` from passing",
    why: "§2: every element must satisfy, and an empty list cannot be judged",
    rules: require({ path: "args.rows[*][*]", op: "eq", value: "a" }),
    call: { args: { rows: [["a"], []] } },
    expected: ["deny", "cannot_judge", "/tools/refund/require/0"],
  },
  {
    name: "text that looks alike matches on the deny side",
    why: "§2: text with default-ignorable code points removed and then NFKC",
    rules: denyIf({ path: "args.note", op: "contains", value: "drop" }),
    call: { args: { note: "\uff44r\u200bop table" } },
    expected: ["deny", "deny_if_matched", "/tools/refund/deny_if/0"],
  },
  {
    name: "a needle that is empty once folded is in every text on the deny side",
    why: "§2: the right side is treated alike",
    rules: denyIf({ path: "grant.label", op: "ends_with", value_from: "args.note" }),
    call: { args: { note: "\u200b" } },
    expected: ["deny", "deny_if_matched", "/tools/refund/deny_if/0"],
  },
  {
    name: "a needle of over 1,000 characters cannot be judged",
    why: "§2: needles have up to 1,000 characters",
    rules: denyIf({ path: "grant.label", op: "ends_with", value_from: "args.note" }),
    call: { args: { note: "a".repeat(1001) } },
    expected: ["deny", "cannot_judge", "/tools/refund/deny_if/0"],
  },
  {
    name: "text that looks alike does not satisfy `require`",
    why: "§2: elsewhere only the text as given",
    rules: require({ path: "args.note", op: "eq", value: "drop" }),
    call: { args: { note: "dr\u200bop" } },
    expected: ["deny", "require_failed", "/tools/refund/require/0"],
  },
  {
    name: "text that looks alike matches under `not` in `require`",
    why: "§2: pass side under an odd number of `not`",
    rules: require({ not: { path: "args.note", op: "in", value: ["drop"] } }),
    call: { args: { note: "dr\u200bop" } },
    expected: ["deny", "require_failed", "/tools/refund/require/0"],
  },
  {
    name: "numbers in a tree are passed over when text is sought",
    why: "§2: where one match is enough and the right side is text",
    rules: denyIf({ path: "args.**", op: "starts_with", value: "rm" }),
    call: { args: { a: 1, b: [true, null, { c: "ls" }] } },
    expected: allowed,
  },
  {
    name: "a host without a port means any port on the deny side",
    why: "§2 host_in",
    rules: denyIf({ path: "args.url", op: "host_in", value: ["example.com"] }),
    call: { args: { url: "https://example.com:8443/x" } },
    expected: ["deny", "deny_if_matched", "/tools/refund/deny_if/0"],
  },
  {
    name: "a host without a port means the scheme's own port in `require`",
    why: "§2 host_in",
    rules: require({ path: "args.url", op: "host_in", value: ["example.com"] }),
    call: { args: { url: "https://example.com:8443/x" } },
    expected: ["deny", "require_failed", "/tools/refund/require/0"],
  },
  {
    name: "the category of a tool without a review cannot be judged",
    why: "§2, Roots",
    rules: denyIf({ path: "tool.category", op: "eq", value: "Read" }),
    call: {},
    expected: ["deny", "cannot_judge", "/tools/refund/deny_if/0"],
  },
  {
    name: "a decimal text with more than 9 digits after the point is no increment",
    why: "§5 increment_from",
    rules: { limits: [{ counter: "spend", window: "day", max: 100, increment_from: "args.amount" }] },
    call: { args: { amount: "0.0000000001" } },
    expected: ["deny", "increment_invalid", "/tools/refund/limits/0"],
  },
  {
    name: "an increment that cannot be told denies before anybody is asked",
    why: "§3: limits are step 12, approvals step 13",
    rules: { approve_if: [{ conditions: [] }], spend_limit: "$500/day" },
    call: { args: {} },
    expected: ["deny", "increment_invalid", "/tools/refund/spend_limit"],
  },
  {
    name: "`action: require_approval` comes before the other entries that ask",
    why: "§2: as one `approve_if` entry that always holds; §3: the first is reported",
    rules: { action: "require_approval", approve_if: [{ conditions: [] }] },
    call: {},
    expected: ["hold", "approval_required", "/tools/refund/action"],
  },
];

describe("settled cases: the engine and the oracle both follow the text", () => {
  test.each(cases)("$name ($why)", ({ rules, call, nowMs, document, expected }) => {
    const whole = { version: "1", default: "deny", tools: { refund: rules }, ...document };
    const found = caseOf(
      {
        document: whole,
        call: { ...call, tool: { name: "refund", ...Object(call["tool"]) } },
        facts: { nowMs: nowMs ?? 0 },
      },
      () => [],
    );
    const [outcome, code, rule] = expected;
    expect(oracleDecide(found.document, found.call, found.facts)).toMatchObject({ outcome, code, rule });
    expect(decide(load(found.document), found.call, found.facts)).toMatchObject({ outcome, code, rule });
  });

  test("an innermost pattern beats the category, and the category beats `*`", () => {
    const document: PolicyDocument = {
      version: "1",
      default: "allow",
      tools: { "*": { action: "deny" }, "re*": {}, "ref*": { action: "deny" } },
      categories: { Read: {} },
    };
    const outcomes = ["refund", "report", "list"].map((name) => {
      const found = caseOf(
        {
          document: JSON.parse(JSON.stringify(document)),
          call: { tool: { name, review: { category: "Read" } } },
          facts: {},
        },
        () => [],
      );
      expect(decide(load(document), found.call, found.facts).rule).toBe(
        oracleDecide(document, found.call, found.facts).rule,
      );
      return oracleDecide(document, found.call, found.facts).outcome;
    });
    expect(outcomes).toEqual(["deny", "allow", "allow"]);
  });
});
