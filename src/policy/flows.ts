import type { FlowGuard, FlowMark } from "../values/admission.ts";
import { categories, signals } from "./call.ts";
import type { Call, Category, Signal } from "./call.ts";
import { compileNames } from "./check-patterns.ts";
import type { CompiledFlow } from "./compiled.ts";
import type { CompileContext } from "./compile-context.ts";
import { reportError, resolveList } from "./compile-context.ts";
import { compileApproval } from "./approvals.ts";
import type { FlowSource, ListSource, SelectorSource } from "./document.ts";
import { parseDuration } from "../documents/durations.ts";
import { scopeKeyOf } from "./scope-keys.ts";

/** Compiles `flows` (policy.md §8). Flows with problems are reported and left out. */
export function compileFlows(context: CompileContext): readonly CompiledFlow[] {
  return (context.document.flows ?? [])
    .map((flow, index) => compileFlow(flow, `/flows/${index}`, context))
    .filter((flow) => flow !== undefined);
}

function compileFlow(flow: FlowSource, pointer: string, context: CompileContext): CompiledFlow | undefined {
  const withinMs = parseDuration(flow.within);
  if (withinMs === undefined) {
    reportError(context, {
      code: "DURATION_INVALID",
      message: `\`${String(flow.within).slice(0, 40)}\` is not a length of time that can be used here`,
      path: `${pointer}/within`,
      hint: "write seconds, or text like `90s`, `15m`, `24h` or `7d`, from 1 s to 366 d",
    });
  }
  const after = compileSelector(flow.after, `${pointer}/after`, context);
  const effect = flow.deny === undefined ? "hold" : "deny";
  const key = effect === "deny" ? "deny" : "require_approval";
  const later = flow.deny ?? flow.require_approval;
  if (later === undefined || (flow.deny !== undefined && flow.require_approval !== undefined)) {
    reportError(context, {
      code: "FLOW_INVALID",
      message: "a flow has exactly one of `deny` and `require_approval`",
      path: pointer,
      hint: "say which later calls are denied, or which are held",
    });
    return undefined;
  }
  const before = compileSelector(later, `${pointer}/${key}`, context);
  if (flow.require_approval !== undefined) {
    compileApproval(flow.require_approval, `${pointer}/require_approval`, pointer, flow.on_deny, context);
  }
  if (withinMs === undefined || after === undefined || before === undefined) return undefined;
  const scope = flow.scope ?? "grant";
  const message = flow.on_deny ?? "";
  return {
    pointer,
    effect,
    after,
    later: before,
    guard: (call): FlowGuard | undefined => {
      if (!before(markOfCall(call))) return undefined;
      return { rule: pointer, effect, scopeKey: scopeKeyOf(scope, call), withinMs, after: { matches: after }, message };
    },
  };
}

function markOfCall({ server, tool }: Call): FlowMark {
  return { server: server.name, tool: tool.name, category: tool.review?.category, signals: tool.review?.signals };
}

/** The members are joined by OR; a tool without a review has every category and every signal. */
function compileSelector(
  source: SelectorSource,
  pointer: string,
  context: CompileContext,
): ((mark: FlowMark) => boolean) | undefined {
  const tools = compileNames(source.tools, `${pointer}/tools`, context);
  const servers = compileNames(source.servers, `${pointer}/servers`, context);
  if (tools !== undefined) reportEmpty(tools, `${pointer}/tools`, context);
  if (servers !== undefined) reportEmpty(servers, `${pointer}/servers`, context);
  const categorySet = compileSet(source.categories, `${pointer}/categories`, context, isCategory);
  const signalSet = compileSet(source.signals, `${pointer}/signals`, context, isSignal);
  if (tools === undefined && servers === undefined && categorySet === undefined && signalSet === undefined) {
    reportError(context, {
      code: "FLOW_INVALID",
      message: "a selector without members selects nothing",
      path: pointer,
      hint: "add `tools`, `categories`, `signals` or `servers`",
    });
    return undefined;
  }
  return (mark) =>
    (tools !== undefined && tools.some((matches) => matches(mark.tool))) ||
    (servers !== undefined && servers.some((matches) => matches(mark.server))) ||
    (categorySet !== undefined && (mark.category === undefined || categorySet.has(mark.category))) ||
    (signalSet !== undefined && (mark.signals === undefined || mark.signals.some((signal) => signalSet.has(signal))));
}

function compileSet<T extends string>(
  source: ListSource<T> | undefined,
  pointer: string,
  context: CompileContext,
  isMember: (value: unknown) => value is T,
): ReadonlySet<string> | undefined {
  if (source === undefined) return undefined;
  const members = resolveList(source, pointer, context, isMember);
  reportEmpty(members, pointer, context);
  return new Set<string>(members);
}

function reportEmpty(members: readonly unknown[], pointer: string, context: CompileContext): void {
  if (members.length > 0) return;
  reportError(context, {
    code: "LIST_EMPTY",
    message: "an empty list selects nothing",
    path: pointer,
    hint: "name at least one, or remove the member",
  });
}

function isCategory(value: unknown): value is Category {
  return categories.some((category) => category === value);
}

function isSignal(value: unknown): value is Signal {
  return signals.some((signal) => signal === value);
}
