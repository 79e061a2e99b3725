import type { Problem } from "../errors.ts";
import { compilePolicy, reportTimeZone } from "./compile.ts";
import type { CompileContext, KnownTool, Profile } from "./compile-context.ts";
import type { CompiledPolicy } from "./compiled.ts";
import type { PolicyIdentity } from "./decision.ts";
import { countRules, rulesMax } from "./count-rules.ts";
import { parsePolicy } from "./parse.ts";
import { type FoundProblem, ProblemList } from "../documents/problem-list.ts";
import { isTimeZone } from "./time-zones.ts";

/** How a text is to be loaded. */
export interface LoadOptions {
  /** Which document this is; its digest is the caller's to make. */
  readonly identity: PolicyIdentity;
  /** The file's name as the user gave it. `.json` is read as JSON, `.yaml` and `.yml` as YAML; without one the text decides. */
  readonly file?: string;
  /** Default `serve`. */
  readonly profile?: Profile;
  /** The server's tools now, when known: some warnings need them. */
  readonly tools?: readonly KnownTool[];
}

/** A loaded text: `policy` is undefined exactly when there is an error among the problems, which are sorted by place. */
export interface LoadedPolicy {
  readonly policy: CompiledPolicy | undefined;
  readonly problems: readonly Problem[];
}

/** Pure. Reads and compiles a policy text (JSON or YAML 1.2), with all its problems. Never throws. */
export function loadPolicy(text: string, options: LoadOptions): LoadedPolicy {
  const problems = new ProblemList(text, options.file);
  const parsed = parsePolicy(text, options.file, problems);
  if (parsed === undefined) return { policy: undefined, problems: problems.sorted() };
  const { document, isWhole } = parsed;
  const rules = countRules(document);
  if (rules > rulesMax) {
    problems.add({
      severity: "error",
      code: "TOO_MANY_RULES",
      message: `the document has ${rules} rules, over ${rulesMax}`,
      path: "",
      hint: "use patterns, categories and lists, or split the policy by server",
    });
    return { policy: undefined, problems: problems.sorted() };
  }
  const timeZone = document.time_zone ?? "UTC";
  const hasTimeZone = isTimeZone(timeZone);
  const report = (problem: FoundProblem): void => {
    if (isWhole || !doubtfulWhenPruned.has(problem.code)) problems.add(problem);
  };
  const context: CompileContext = {
    document,
    timeZone: hasTimeZone ? timeZone : "UTC",
    profile: options.profile ?? "serve",
    tools: options.tools,
    conditions: { lists: document.lists ?? {}, report },
    report,
    approvals: new Map(),
  };
  if (!hasTimeZone) reportTimeZone(context, timeZone);
  const policy = compilePolicy(options.identity, context);
  return { policy: problems.hasError || !isWhole ? undefined : policy, problems: problems.sorted() };
}

/** Problems that what was left out of a document may be the cause of. */
const doubtfulWhenPruned: ReadonlySet<string> = new Set([
  "ENTRY_NARROWS",
  "FLOW_INVALID",
  "LIST_EMPTY",
  "LIST_UNKNOWN",
  "RULE_WITHOUT_EFFECT",
  "TOOL_UNNAMED",
]);
