import type { CompiledPolicy, ApprovalTerms } from "./compiled.ts";
import type {
  ApproveIfSource,
  ApprovalSource,
  CommonRulesSource,
  FlowSource,
  LimitSource,
  PolicyDocument,
  RulesSource,
} from "./document.ts";
import { formatDuration } from "../documents/durations.ts";
import { expandRateLimit, expandSpendLimit } from "./own-limits.ts";
import { windowOf, windowWords } from "./limits.ts";
import { escapeStep } from "../values/pointer.ts";

/**
 * Pure. The policy's document in its normal form: short forms written out (`rate_limit`, `spend_limit`, `action`), and
 * every default of limits and approvals filled in. It loads to a policy that decides alike and counts on the same
 * counters; only pointers differ where a short form stood.
 */
export function normalForm(policy: CompiledPolicy): PolicyDocument {
  const { document } = policy;
  const writer = new NormalWriter(policy);
  return {
    ...document,
    time_zone: policy.timeZone,
    ...(document.tools && {
      tools: mapValues(document.tools, (rules, key) => writer.rules(rules, `/tools/${escapeStep(key)}`)),
    }),
    ...(document.categories && {
      categories: mapValues(document.categories, (rules, key) => writer.rules(rules, `/categories/${key}`)),
    }),
    ...(document.all_tools && { all_tools: writer.commonRules(document.all_tools, "/all_tools") }),
    ...(document.flows && { flows: document.flows.map((flow, index) => writer.flow(flow, `/flows/${index}`)) }),
  };
}

/** Pure. A document as JSON text, indented by two spaces, with a line break at its end. */
export function printPolicy(document: PolicyDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

class NormalWriter {
  readonly #approvals: ReadonlyMap<string, ApprovalSource>;

  constructor(policy: CompiledPolicy) {
    this.#approvals = new Map([...policy.approvals].map(([rule, terms]) => [rule, toSource(terms)] as const));
  }

  rules(source: RulesSource, pointer: string): RulesSource {
    const { action, reason, ...rest } = source;
    const common = this.commonRules(withoutApproval(rest), pointer);
    if (action === "deny") return { action, ...(reason === undefined ? {} : { reason }), ...common };
    if (action !== "require_approval") return common;
    const always: ApproveIfSource = {
      conditions: [],
      ...(reason === undefined ? {} : { on_deny: reason }),
      ...this.#approval(`${pointer}/action`),
    };
    return { ...common, approve_if: [always, ...(common.approve_if ?? [])] };
  }

  commonRules(source: CommonRulesSource, pointer: string): CommonRulesSource {
    const { rate_limit, spend_limit, limits = [], approve_if, ...rest } = source;
    const expanded = [
      ...limits,
      rate_limit === undefined ? undefined : expandRateLimit(rate_limit),
      spend_limit === undefined ? undefined : expandSpendLimit(spend_limit),
    ].filter((limit) => limit !== undefined);
    return {
      ...rest,
      ...(approve_if && {
        approve_if: approve_if.map((entry, index) => ({
          ...withoutApproval(entry),
          ...this.#approval(`${pointer}/approve_if/${index}`),
        })),
      }),
      ...(expanded.length > 0 && { limits: expanded.map(fullLimit) }),
    };
  }

  flow(source: FlowSource, pointer: string): FlowSource {
    const full: FlowSource = { ...source, scope: source.scope ?? "grant" };
    if (source.require_approval === undefined) return full;
    return { ...full, require_approval: { ...withoutApproval(source.require_approval), ...this.#approval(pointer) } };
  }

  #approval(rule: string): ApprovalSource {
    return { ...this.#approvals.get(rule) };
  }
}

function toSource(terms: ApprovalTerms): ApprovalSource {
  return {
    approvers: terms.approvers,
    quorum: terms.quorum,
    timeout: formatDuration(terms.timeoutMs),
    valid_for: formatDuration(terms.validForMs),
    self: terms.self,
    ...(terms.message === undefined ? {} : { message: terms.message }),
  };
}

function withoutApproval<T extends ApprovalSource>(source: T): Omit<T, keyof ApprovalSource> {
  const {
    approvers: _a,
    quorum: _q,
    timeout: _t,
    approval_timeout: _o,
    valid_for: _v,
    self: _s,
    message: _m,
    ...rest
  } = source;
  return rest;
}

function fullLimit(limit: LimitSource): LimitSource {
  if (limit.concurrent === true) return { ...limit, scope: limit.scope ?? "grant" };
  const window = windowOf(limit, "UTC");
  const hasIncrement = limit.increment_from !== undefined || limit.increment_length_of !== undefined;
  return {
    ...limit,
    ...(window?.kind === "sliding" && window.windowMs % 1000 === 0 && { window: windowWords(window) }),
    scope: limit.scope ?? "grant",
    ...(hasIncrement ? {} : { increment: limit.increment ?? 1 }),
    refund: limit.refund ?? "not_sent",
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
