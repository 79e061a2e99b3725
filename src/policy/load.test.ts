import { describe, expect, it } from "vitest";
import { decide, explain, loadPolicy, normalForm, printPolicy, toSentences } from "./index.ts";
import type { Call, CompiledPolicy } from "./index.ts";

const identity = { id: "shop-policy", version: 7, sha256: "ab" };

function load(document: object): CompiledPolicy {
  const { policy, problems } = loadPolicy(JSON.stringify(document), { identity });
  if (policy === undefined) throw new Error(problems.map(({ message }) => message).join("; "));
  return policy;
}

function codesOf(text: string): readonly string[] {
  return loadPolicy(text, { identity }).problems.map(({ code, path }) => `${code} ${path}`);
}

const call: Call = {
  organisation: "acme",
  server: { name: "shop" },
  grant: { id: "alice", label: "l", owner: undefined, tags: {} },
  client: { ip: undefined, name: undefined, version: undefined },
  session: undefined,
  tool: { name: "refund", isListed: true, isChanged: false, review: undefined, schema: undefined },
  args: {},
};

describe("loadPolicy caps", () => {
  const wrap = (filler: string): string => `{"version":"1","default":"deny","description":"${filler}"}`;
  const room = 1024 * 1024 - wrap("").length;

  it("reads a text of 1 MiB and refuses one byte more", () => {
    expect(codesOf(wrap("a".repeat(room)))).toEqual([]);
    expect(codesOf(wrap("a".repeat(room + 1)))).toEqual(["TEXT_TOO_LARGE "]);
    expect(codesOf(wrap("é".repeat(room / 2 + 1)))).toEqual(["TEXT_TOO_LARGE "]);
  });

  it("[B412] refuses more than 5,000 rules, wherever they stand", () => {
    const deny = { conditions: [] };
    const document = {
      version: "1",
      default: "allow",
      hide: ["h"],
      flows: [],
      resources: { allow: ["a"], deny: ["b"] },
      prompts: "allow",
      categories: { Read: { require: [deny], approve_if: [deny], limits: [{ counter: "c", window: "day", max: 1 }] } },
      tools: { a: { deny_if: Array.from({ length: 4992 }, () => deny) } },
    };
    expect(codesOf(JSON.stringify(document))).toEqual([]);
    expect(codesOf(JSON.stringify({ ...document, hide: ["h", "i"] }))).toEqual(["TOO_MANY_RULES "]);
  });

  it("[B412] refuses names and patterns of over 1,000 characters", () => {
    const long = "a".repeat(1001);
    expect(codesOf(JSON.stringify({ version: "1", default: "allow", hide: [long], tools: { [long]: {} } }))).toEqual([
      "VALUE_OUT_OF_RANGE /hide/0",
      `PATTERN_INVALID /tools/${long}`,
    ]);
  });

  it("survives texts of nothing but brackets", () => {
    expect(codesOf("[".repeat(100_000))).toEqual(["TOO_DEEP "]);
    expect(codesOf("[a,".repeat(20_000))).toEqual(["TOO_DEEP "]);
    expect(codesOf('{"a":'.repeat(100_000))[0]).toMatch(/^TOO_DEEP /);
  });

  it("does not look for more in a document with hundreds of faults", () => {
    const tools = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`t${index}`, 5]));
    const codes = codesOf(JSON.stringify({ version: "1", default: "allow", tools, time_zone: "Nowhere" }));
    expect([codes.length, codes.includes("TIME_ZONE_UNKNOWN /time_zone")]).toEqual([300, false]);
  });

  it("tells of every name that the server has not, with a suggestion for the first hundred", () => {
    const tools = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`refund${index}`, {}]));
    const text = JSON.stringify({ version: "1", default: "allow", tools });
    const { problems } = loadPolicy(text, { identity, tools: [{ name: "refund" }] });
    expect([problems.length, problems.filter(({ hint }) => hint === "did you mean `refund`?").length]).toEqual([
      150, 100,
    ]);
  });

  it("reports at most 100 pairs of patterns that overlap", () => {
    const tools = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [index % 2 === 0 ? `a${index}*` : `*b${index}`, {}]),
    );
    expect(codesOf(JSON.stringify({ version: "1", default: "allow", tools }))).toHaveLength(100);
  });

  it("reports at most 1,000 warnings and never leaves out an error", () => {
    const limits = Array.from({ length: 1100 }, (_, index) => ({
      counter: `c${index}`,
      window: "day",
      max: 1,
      scope: "session",
    }));
    const last = { counter: "c0", window: "day", max: 1 };
    const codes = codesOf(JSON.stringify({ version: "1", default: "allow", all_tools: { limits: [...limits, last] } }));
    expect(codes).toHaveLength(1001);
    expect(codes).toContain("COUNTER_REPEATED /all_tools/limits/1100");
  });
});

describe("a loaded policy", () => {
  it("knows who must approve what, every default filled in", () => {
    const policy = load({
      version: "1",
      default: "deny",
      tools: {
        refund: {
          action: "require_approval",
          reason: "Checked.",
          approve_if: [
            {
              conditions: [],
              approvers: ["boss", "user:bob"],
              quorum: 2,
              timeout: "1h",
              valid_for: "90s",
              self: true,
              message: "Look.",
              on_deny: "Held.",
            },
          ],
        },
      },
      flows: [{ after: { tools: ["a"] }, within: "5m", require_approval: { tools: ["b"], approval_timeout: "2m" } }],
    });
    expect([...policy.approvals.values()]).toEqual([
      {
        rule: "/tools/refund/action",
        approvers: ["role:approver"],
        quorum: 1,
        timeoutMs: 600_000,
        validForMs: 300_000,
        self: false,
        message: undefined,
        onDeny: "Checked.",
      },
      {
        rule: "/tools/refund/approve_if/0",
        approvers: ["role:boss", "user:bob"],
        quorum: 2,
        timeoutMs: 3_600_000,
        validForMs: 90_000,
        self: true,
        message: "Look.",
        onDeny: "Held.",
      },
      {
        rule: "/flows/0",
        approvers: ["role:approver"],
        quorum: 1,
        timeoutMs: 120_000,
        validForMs: 300_000,
        self: false,
        message: undefined,
        onDeny: undefined,
      },
    ]);
  });

  it("denies what throws while it is judged, and tells nothing of it", () => {
    const policy = load({
      version: "1",
      default: "allow",
      all_tools: { deny_if: [{ conditions: [{ path: "args.a", op: "exists" }] }] },
    });
    const broken = {
      ...call,
      get args(): never {
        throw new Error("secret");
      },
    };
    expect(decide(policy, broken, { nowMs: 0 })).toMatchObject({
      outcome: "deny",
      code: "internal",
      rule: "(internal)",
      message: "the call could not be judged, so it is denied; try again later",
    });
  });

  it("judges argument names alike however many it has seen", () => {
    const policy = load({
      version: "1",
      default: "allow",
      all_tools: { deny_if: [{ conditions: [{ path: "args.url", op: "eq", value: "x" }] }] },
    });
    const codeOf = (name: string): string => decide(policy, { ...call, args: { [name]: 1 } }, { nowMs: 0 }).code;
    const names = [...Array.from({ length: 1100 }, (_, index) => `a${index}`), "a".repeat(200)];
    const codes = [...names, ...names].map(codeOf);
    expect(new Set(codes)).toEqual(new Set(["allowed"]));
    expect(["URL", "Url", "url", "URL"].map(codeOf)).toEqual([
      "unknown_argument",
      "unknown_argument",
      "cannot_judge",
      "unknown_argument",
    ]);
  });

  it("gives patterns that are only observed a budget of their own", () => {
    const pattern = { path: "args.a", op: "regex", value: "(x|y){1,100}z" };
    const entries = (mode: string): object[] => Array.from({ length: 100 }, () => ({ mode, conditions: [pattern] }));
    const args = { a: "x".repeat(2000) };
    const codes = ["observe", "enforce"].map((mode) => {
      const deny_if = [...entries(mode), { conditions: [pattern] }];
      return decide(load({ version: "1", default: "allow", all_tools: { deny_if } }), { ...call, args }, { nowMs: 0 })
        .code;
    });
    expect(codes).toEqual(["allowed", "cannot_judge"]);
  });

  it("names the document that decided", () => {
    expect(decide(load({ version: "1", default: "deny" }), call, { nowMs: 0 }).policy).toEqual(identity);
  });

  it("does not count past what a decimal holds", () => {
    const policy = load({
      version: "1",
      default: "allow",
      all_tools: { limits: [{ counter: "c", window: "day", max: 1, increment_from: "args.a[*]" }] },
    });
    const amounts = Array.from({ length: 1001 }, () => 999_999_999_999_999);
    expect(decide(policy, { ...call, args: { a: amounts } }, { nowMs: 0 }).code).toBe("increment_invalid");
  });

  it("does not count by a value that is longer than a key may be", () => {
    const policy = load({
      version: "1",
      default: "allow",
      all_tools: { limits: [{ counter: "c", window: "day", max: 1, by: "args.a" }] },
    });
    const outcomes = [1000, 1001].map(
      (length) => decide(policy, { ...call, args: { a: "x".repeat(length) } }, { nowMs: 0 }).code,
    );
    expect(outcomes).toEqual(["allowed", "increment_invalid"]);
  });

  it("keeps a limit by value to 10,000 live values", () => {
    const policy = load({
      version: "1",
      default: "allow",
      all_tools: { limits: [{ counter: "c", window: "day", max: 1, by: "args.a", refund: "never", on_deny: "No." }] },
    });
    expect(decide(policy, { ...call, args: { a: 1 } }, { nowMs: 0 }).wants?.charges[0]).toMatchObject({
      liveKeysMax: 10_000,
      refundable: false,
      onDeny: "No.",
    });
  });
});

describe("normalForm", () => {
  it("writes short forms out and fills in defaults", () => {
    const policy = load({
      version: "1",
      default: "deny",
      "x-note": 1,
      tools: {
        a: { rate_limit: "10/minute" },
        b: { rate_limit: { max: 10, window: 60 } },
        c: {
          action: "require_approval",
          reason: "r",
          approval_timeout: "1h",
          limits: [{ counter: "c", concurrent: true, max: 1 }],
        },
        d: { spend_limit: "$5/day", action: "allow", limits: [{ counter: "w", window: 1.5, max: 1 }] },
      },
    });
    const limit = {
      counter: "rate_limit",
      max: 10,
      window: "minute",
      scope: "grant",
      increment: 1,
      refund: "not_sent",
    };
    expect(normalForm(policy)).toEqual({
      version: "1",
      default: "deny",
      time_zone: "UTC",
      tools: {
        a: { limits: [limit] },
        b: { limits: [limit] },
        c: {
          approve_if: [
            {
              conditions: [],
              on_deny: "r",
              approvers: ["role:approver"],
              quorum: 1,
              timeout: "1h",
              valid_for: "5m",
              self: false,
            },
          ],
          limits: [{ counter: "c", concurrent: true, max: 1, scope: "grant" }],
        },
        d: {
          limits: [
            { counter: "w", window: 1.5, max: 1, scope: "grant", increment: 1, refund: "not_sent" },
            {
              counter: "spend_limit",
              max: 5,
              window: "day",
              scope: "grant",
              increment_from: "args.amount",
              refund: "not_sent",
            },
          ],
        },
      },
    });
    expect(printPolicy(normalForm(policy))).toMatch(/^\{\n {2}"version": "1",\n[^]*\}\n$/);
  });
});

describe("explain", () => {
  const policy = load({
    version: "1",
    default: "deny",
    tools: {
      refund: {
        validate_arguments: true,
        require: [{ name: "small", conditions: [{ path: "args.amount", op: "lt", value: 100 }] }],
        deny_if: [
          { conditions: [{ path: "args.note", op: "contains", value: "x" }], valid_until: "2020-01-01T00:00:00Z" },
          { mode: "observe", conditions: [] },
        ],
        limits: [{ counter: "daily", window: "day", max: 5 }],
        approve_if: [
          { conditions: [{ path: "args.amount", op: "gt", value: 50 }] },
          { conditions: [], valid_from: "2099-01-01T00:00:00Z" },
          { conditions: [], mode: "observe" },
        ],
      },
    },
    flows: [
      { after: { tools: ["read"] }, within: "30m", deny: { tools: ["refund"] } },
      { after: { tools: ["read"] }, within: "30m", require_approval: { tools: ["refund"] } },
    ],
  });
  const schema = { schema: {}, validate: () => [] };
  const nowMs = Date.parse("2026-01-01T00:00:00Z");

  it("tells every step of a call that is held", () => {
    const explanation = explain(policy, { ...call, tool: { ...call.tool, schema }, args: { amount: 60 } }, { nowMs });
    expect(toSentences(explanation)).toEqual([
      "3. passed: policy shop-policy version 7 applies",
      "4. passed: `refund` is not hidden",
      "5. passed: the server lists it, and its definition may be used",
      "6. passed: this entry selects the tool (/tools/refund)",
      "8. passed: the arguments fit the input schema (/tools/refund/validate_arguments)",
      "9. passed: `small` holds, by `/tools/refund/require/0/conditions/0` (/tools/refund/require/0)",
      "10. idle: outside the time it is valid for (/tools/refund/deny_if/0)",
      "10. observed: the entry holds (/tools/refund/deny_if/1)",
      "11. asks: an earlier call within 30 min would deny this one (/flows/0)",
      "12. asks: `daily`: at most 5 per day; this call uses 1 (/tools/refund/limits/0)",
      "13. held: the entry holds, so a person is asked (/tools/refund/approve_if/0)",
      "13. idle: outside the time it is valid for (/tools/refund/approve_if/1)",
      "13. observed: the entry holds, so a person is asked (/tools/refund/approve_if/2)",
      "13. asks: an earlier call within 30 min would hold this one (/flows/1)",
      "hold [approval_required]: `refund` needs a person's approval for this call; wait for it, then repeat the call unchanged",
    ]);
  });

  it("stops at the denial", () => {
    const explanation = explain(policy, { ...call, tool: { ...call.tool, schema }, args: { amount: 100 } }, { nowMs });
    expect(toSentences(explanation).slice(-2)).toEqual([
      "9. denied: `small` does not hold, by `/tools/refund/require/0/conditions/0` (/tools/refund/require/0)",
      "deny [require_failed]: `refund`: the arguments do not meet a requirement of the policy; change them, or use another tool",
    ]);
  });

  it("tells what the store is asked before what asks a person", () => {
    const steps = explain(
      policy,
      { ...call, tool: { ...call.tool, schema }, args: { amount: 1 } },
      { nowMs },
    ).steps.map(({ step }) => step);
    expect(steps).toEqual([3, 4, 5, 6, 8, 9, 10, 10, 11, 12, 13, 13, 13, 13]);
  });
});
