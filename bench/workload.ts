/**
 * The policy and the calls that the benches share: a server of 40 tools, and on one of them four predicates (one a
 * linear-time regular expression) and one limit that never runs out.
 */

/** The tool that has the rules. */
export const ruledTool = "refund";

/** Names of the other tools of a server with that many. */
export function plainTools(count: number): string[] {
  return Array.from({ length: count - 1 }, (_, index) => `tool_${String(index).padStart(4, "0")}`);
}

/** What the four predicates say, for the engines that are compared. */
export const rule = {
  amountMax: 5_000,
  currencies: ["usd", "eur"],
  queryPattern: "^SELECT [a-z_, ]+ FROM ",
  forbiddenText: "pg_sleep",
} as const;

const predicates = {
  require: [
    { name: "amount", conditions: [{ path: "args.amount", op: "lte", value: rule.amountMax }] },
    { name: "currency", conditions: [{ path: "args.currency", op: "in", value: rule.currencies }] },
    { name: "query", conditions: [{ path: "args.query", op: "regex", value: rule.queryPattern }] },
  ],
  deny_if: [{ name: "sleep", conditions: [{ path: "args.query", op: "contains", value: rule.forbiddenText }] }],
};

const limit = { counter: "refunds", window: "hour", max: 1_000_000_000_000, scope: "grant" };

/** What a policy of the benches is made with. */
export interface PolicyOptions {
  /** Default 40. */
  readonly toolCount?: number;
  /** Gives every other tool a rule of its own. */
  readonly hasRuleForEach?: boolean;
  /** Default true. */
  readonly hasLimit?: boolean;
}

/** The text of the policy. */
export function policyText(options: PolicyOptions = {}): string {
  const { toolCount = 40, hasRuleForEach = false, hasLimit = true } = options;
  const others = plainTools(toolCount).map((name, index) => {
    const conditions = [{ path: "args.amount", op: "lte", value: index }];
    return [name, hasRuleForEach ? { require: [{ conditions }] } : {}];
  });
  const tools = {
    ...Object.fromEntries(others),
    [ruledTool]: { ...predicates, ...(hasLimit ? { limits: [limit] } : {}) },
  };
  return JSON.stringify({ version: "1", default: "deny", tools }, undefined, 2);
}

/** Arguments of a call. */
export interface SampleArguments {
  readonly amount?: number;
  readonly currency: string;
  readonly query: string;
}

/** A call with the verdict that every engine must give. */
export interface SampleCall {
  readonly name: string;
  readonly tool: string;
  readonly args: SampleArguments;
  readonly isAllowed: boolean;
}

const fine = { amount: 120, currency: "usd", query: "SELECT id, total FROM orders WHERE customer = 4711" };

/** The table of calls that all engines must agree on before anything is timed. */
export const verdicts: readonly SampleCall[] = [
  { name: "within every rule", tool: ruledTool, args: fine, isAllowed: true },
  { name: "the largest amount", tool: ruledTool, args: { ...fine, amount: rule.amountMax }, isAllowed: true },
  { name: "the other currency", tool: ruledTool, args: { ...fine, currency: "eur" }, isAllowed: true },
  { name: "a tool without rules", tool: "tool_0007", args: fine, isAllowed: true },
  { name: "an amount too large", tool: ruledTool, args: { ...fine, amount: 5_001 }, isAllowed: false },
  { name: "a currency that is not listed", tool: ruledTool, args: { ...fine, currency: "USD" }, isAllowed: false },
  {
    name: "a query of another kind",
    tool: ruledTool,
    args: { ...fine, query: "DELETE FROM orders" },
    isAllowed: false,
  },
  {
    name: "a forbidden function",
    tool: ruledTool,
    args: { ...fine, query: "SELECT id FROM orders WHERE pg_sleep(9) IS NULL" },
    isAllowed: false,
  },
  { name: "no amount", tool: ruledTool, args: { currency: fine.currency, query: fine.query }, isAllowed: false },
  { name: "a tool that is not in the policy", tool: "tool_9999", args: fine, isAllowed: false },
];

/** Sixteen calls that are allowed, no two alike. */
export const allowedCalls: readonly SampleCall[] = Array.from({ length: 16 }, (_, index) => ({
  name: `allowed ${index}`,
  tool: ruledTool,
  args: {
    amount: 100 + index,
    currency: index % 2 === 0 ? "usd" : "eur",
    query: `SELECT id, total FROM orders WHERE customer = ${4_000 + index}`,
  },
  isAllowed: true,
}));

/** Sixteen calls that the first predicate denies. */
export const deniedCalls: readonly SampleCall[] = allowedCalls.map((call, index) => ({
  ...call,
  name: `denied ${index}`,
  args: { ...call.args, amount: 6_000 + index },
  isAllowed: false,
}));
