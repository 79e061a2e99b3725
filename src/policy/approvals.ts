import type { CompiledPredicate } from "./compiled.ts";
import type { CompileContext } from "./compile-context.ts";
import { reportError, reportWarning } from "./compile-context.ts";
import type { ApprovalSource, RulesSource } from "./document.ts";
import { parseDuration } from "../documents/durations.ts";

const approvalKeys = ["approvers", "quorum", "timeout", "approval_timeout", "valid_for", "self", "message"] as const;
const defaultApprovers: readonly string[] = ["role:approver"];
const defaultTimeoutMs = 600_000;
const defaultValidForMs = 300_000;

/** Compiles `action: "require_approval"` to one entry that always holds; an empty list for another action. */
export function compileHoldingAction(
  source: RulesSource,
  pointer: string,
  context: CompileContext,
): readonly CompiledPredicate[] {
  if (source.action !== "require_approval") {
    for (const key of approvalKeys) {
      if (source[key] !== undefined) reportStray(key, pointer, context);
    }
    if (source.reason !== undefined && source.action !== "deny") {
      reportWarning(context, {
        code: "RULE_WITHOUT_EFFECT",
        message: '`reason` has no effect without `action` `"deny"` or `"require_approval"`',
        path: `${pointer}/reason`,
        hint: "use `on_deny` in the rule that denies",
        at: "key",
      });
    }
    return [];
  }
  const rule = `${pointer}/action`;
  compileApproval(source, pointer, rule, source.reason, context);
  return [
    {
      pointer: rule,
      name: undefined,
      conditions: [],
      isObserved: false,
      fromMs: Number.NEGATIVE_INFINITY,
      untilMs: Number.POSITIVE_INFINITY,
      onDeny: source.reason,
    },
  ];
}

function reportStray(key: string, pointer: string, context: CompileContext): void {
  reportError(context, {
    code: "RULE_WITHOUT_EFFECT",
    message: `\`${key}\` has no effect without \`"action": "require_approval"\``,
    path: `${pointer}/${key}`,
    hint: 'add `"action": "require_approval"`, or move it into an entry of `approve_if`',
    at: "key",
  });
}

/** Notes who must approve what `rule` holds. `pointer` is the object with the fields of policy.md §6. */
export function compileApproval(
  source: ApprovalSource,
  pointer: string,
  rule: string,
  onDeny: string | undefined,
  context: CompileContext,
): void {
  if (source.timeout !== undefined && source.approval_timeout !== undefined) {
    reportError(context, {
      code: "RULE_WITHOUT_EFFECT",
      message: "`timeout` and `approval_timeout` say the same thing twice",
      path: `${pointer}/approval_timeout`,
      hint: "keep `timeout`",
      at: "key",
    });
  }
  const timeoutKey = source.timeout === undefined ? "approval_timeout" : "timeout";
  context.approvals.set(rule, {
    rule,
    approvers: approversOf(source.approvers, `${pointer}/approvers`, context),
    quorum: source.quorum ?? 1,
    timeoutMs: durationOf(source[timeoutKey], `${pointer}/${timeoutKey}`, defaultTimeoutMs, context),
    validForMs: durationOf(source.valid_for, `${pointer}/valid_for`, defaultValidForMs, context),
    self: source.self ?? assumedSelf(rule, context),
    message: source.message,
    onDeny,
  });
}

function assumedSelf(rule: string, context: CompileContext): boolean {
  if (context.profile !== "run") return false;
  reportWarning(context, {
    code: "APPROVAL_SELF_ASSUMED",
    message: "with one person here, the grant's owner may approve these calls",
    path: rule,
    hint: "write `self` as true or false to say so yourself",
  });
  return true;
}

/** A bare word is a role. */
function approversOf(
  source: readonly string[] | undefined,
  pointer: string,
  context: CompileContext,
): readonly string[] {
  if (source === undefined) return defaultApprovers;
  return source.map((approver, index) => {
    const full = approver.includes(":") ? approver : `role:${approver}`;
    if (!/^(?:role|group|user):\S(?:.*\S)?$/.test(full)) {
      reportError(context, {
        code: "APPROVER_INVALID",
        message: `\`${approver.slice(0, 100)}\` names no approver`,
        path: `${pointer}/${index}`,
        hint: "write `role:`, `group:` or `user:` and a name; a bare word is a role",
      });
    }
    return full;
  });
}

function durationOf(source: string | undefined, path: string, fallbackMs: number, context: CompileContext): number {
  if (source === undefined) return fallbackMs;
  const durationMs = parseDuration(source);
  if (durationMs === undefined) {
    reportError(context, {
      code: "DURATION_INVALID",
      message: `\`${source.slice(0, 40)}\` is not a length of time that can be used here`,
      path,
      hint: "write it like `90s`, `15m`, `24h` or `7d`, from 1 s to 366 d",
    });
  }
  return durationMs ?? fallbackMs;
}
