import { call } from "./case.ts";

/** A policy of the corpus. */
export type PolicyName =
  | "safe-only"
  | "amount"
  | "amount-open"
  | "repos"
  | "repos-denied"
  | "paths"
  | "mail"
  | "mail-count"
  | "hosts"
  | "pattern"
  | "pattern-anywhere"
  | "pattern-hostile"
  | "pattern-deny"
  | "sql"
  | "sql-denied"
  | "shell"
  | "dry-run"
  | "permit-first"
  | "forbid-first"
  | "reviewed";

/** A limit that never denies: whether a call was counted can be read from it. */
const counted = { limits: [{ counter: "calls", window: "7d", max: 1_000_000 }] };

/** Under every policy: only what its tools say is allowed, everything allowed is counted. */
function policy(
  tools: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return { version: "1", default: "deny", tools, all_tools: counted, ...more };
}

const oneOf = (path: string, op: string, value: unknown): object => ({ conditions: [{ path, op, value }] });
const number = "args.amount";
const plainSelect = String.raw`SELECT ([A-Za-z0-9_]+(, [A-Za-z0-9_]+)*|\*) FROM [a-z_]+( WHERE [a-z_]+ = '[A-Za-z0-9 ]*')?`;
const mailbox = String.raw`[A-Za-z0-9._+-]+@corp\.example`;

/** The policies the corpus is judged by; each is a grant of its own. */
export const policies: Readonly<Record<PolicyName, Readonly<Record<string, unknown>>>> = {
  "safe-only": policy({ safe: {} }, { hide: ["delete_repo"] }),
  amount: policy({ refund: { unknown_arguments: "deny", require: [oneOf(number, "lte", 100)] } }),
  "amount-open": policy({ refund: { require: [oneOf(number, "lt", 10)] } }),
  repos: policy({
    delete_repo: { require: [oneOf("args.repo", "in", ["acme/app", "acme/café"])] },
    safe: { require: [oneOf('args["filter"].owner', "eq", "me")] },
  }),
  "repos-denied": policy({ delete_repo: { deny_if: [oneOf("args.repo", "in", ["acme/café", "acme/secret"])] } }),
  paths: policy({ write_file: { require: [oneOf("args.path", "within", ["/allowed"])] } }),
  mail: policy({ send: { require: [oneOf("args.to[*]", "matches", mailbox)] } }),
  "mail-count": policy({ send: { require: [oneOf("args.to", "length_lte", 50)] } }),
  hosts: policy({ fetch: { require: [oneOf("args.url", "host_in", ["allowed.example"])] } }),
  pattern: policy({ safe: { require: [oneOf("args.text", "matches", "^safe$")] } }),
  "pattern-anywhere": policy({ safe: { require: [oneOf("args.text", "regex", "^safe$")] } }),
  "pattern-hostile": policy({ safe: { require: [oneOf("args.text", "matches", "(a+)+$")] } }),
  "pattern-deny": policy({ safe: { deny_if: [oneOf("args.text", "regex", "forbidden")] } }),
  sql: policy({ safe: { require: [oneOf("args.text", "matches", plainSelect)] } }),
  "sql-denied": policy({
    safe: { deny_if: [oneOf("args.text", "regex", "(?i)\\b(drop|delete|insert|update|copy|set)\\b")] },
  }),
  shell: policy({ safe: { require: [oneOf("args.text", "matches", "git (status|log|diff)( --[a-z-]+){0,10}")] } }),
  "dry-run": policy({ safe: { require: [oneOf("args.dry_run", "eq", true)] } }),
  "permit-first": policy({
    refund: { require: [oneOf(number, "lte", 100)], deny_if: [oneOf("args.currency", "eq", "USD")] },
  }),
  "forbid-first": policy({
    refund: { deny_if: [oneOf("args.currency", "eq", "USD")], require: [oneOf(number, "lte", 100)] },
  }),
  reviewed: policy({ refund: {} }, { categories: { Read: {} } }),
};

const eur = '"amount":7,"currency":"EUR"';
const safe = { tool: "safe", body: call("safe", '{"text":"good"}') };
const refund = { tool: "refund", body: call("refund", `{${eur}}`) };
const text = (value: string): { tool: string; body: string } => ({
  tool: "safe",
  body: call("safe", `{"text":${JSON.stringify(value)}}`),
});
const remove = { tool: "delete_repo", body: call("delete_repo", '{"owner":"me","repo":"acme/app"}') };
const send = { tool: "send", body: call("send", '{"to":["boss@corp.example"],"body":"good"}') };

/** A call that each policy allows, sent after every case: the gateway must still work. */
export const goodCalls: Readonly<Record<PolicyName, { readonly tool: string; readonly body: string }>> = {
  "safe-only": safe,
  amount: refund,
  "amount-open": refund,
  repos: remove,
  "repos-denied": remove,
  paths: { tool: "write_file", body: call("write_file", '{"path":"/allowed/a.txt"}') },
  mail: send,
  "mail-count": send,
  hosts: { tool: "fetch", body: call("fetch", '{"url":"https://allowed.example/?q=1"}') },
  pattern: text("safe"),
  "pattern-anywhere": text("safe"),
  "pattern-hostile": text("aaaa"),
  "pattern-deny": safe,
  sql: text("SELECT id, name FROM users WHERE city = 'Oslo'"),
  "sql-denied": text("SELECT updated_at FROM users"),
  shell: text("git log --oneline"),
  "dry-run": { tool: "safe", body: call("safe", '{"dry_run":true}') },
  "permit-first": refund,
  "forbid-first": refund,
  reviewed: refund,
};
