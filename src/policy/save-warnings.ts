import type { CompileContext, FoundPolicyProblem, KnownTool } from "./compile-context.ts";
import { reportWarning } from "./compile-context.ts";
import type { CompiledPolicy, CompiledPredicate, CompiledRules, DoorKind } from "./compiled.ts";
import { parsePath } from "./conditions/paths.ts";
import { defaultOf, judgePath } from "./schema-paths.ts";
import type { PathVerdict } from "./schema-paths.ts";
import { selectRules } from "./selection.ts";
import { compilePattern } from "./tool-patterns.ts";
import { nearestWord } from "../values/suggest.ts";
import { escapeStep } from "../values/pointer.ts";

/** What a policy does to one listed tool. */
interface JudgedTool {
  readonly tool: KnownTool;
  readonly rules: CompiledRules | undefined;
  readonly code: string | undefined;
}

/**
 * What is said when a document is saved against a server's list of tools (policy.md §7, "Said on save"). Nothing
 * without a list.
 */
export function warnOnSave(policy: CompiledPolicy, context: CompileContext): void {
  const { tools } = context;
  if (tools === undefined) return;
  const judged = tools.map((tool): JudgedTool => {
    const facts = { name: tool.name, isListed: true, isChanged: false, review: tool.review, schema: undefined };
    const selected = selectRules(policy, facts);
    return selected.kind === "rules"
      ? { tool, rules: selected, code: undefined }
      : { tool, rules: undefined, code: selected.code };
  });
  warnOfUnseenTools(judged, context);
  warnOfUnmatched(tools, context);
  warnOfDoors(context);
  warnOfFlows(policy, tools, context);
  warnOfArguments(judged, context);
}

/** Tools that no call of the grant can reach leave its lists, whether `hide`, an action or the default says so. */
function warnOfUnseenTools(judged: readonly JudgedTool[], context: CompileContext): void {
  const unseen = new Map<string, JudgedTool[]>();
  for (const tool of judged) {
    const path = placeOfRefusal(tool);
    if (path === undefined) continue;
    const others = unseen.get(path) ?? [];
    unseen.set(path, [...others, tool]);
  }
  for (const [path, tools] of unseen) {
    const isDefault = path === "/default";
    reportWarning(context, {
      code: isDefault ? "TOOL_UNNAMED" : "TOOL_HIDDEN",
      message: isDefault
        ? `the agent will not see ${namesOf(tools)}, which the server lists and no entry selects`
        : `the agent will no longer see ${namesOf(tools)}`,
      path,
      hint: isDefault
        ? "add them to `tools` to allow them"
        : "nothing, if that is meant; else remove the name or the action",
    });
  }
}

function placeOfRefusal({ rules, code }: JudgedTool): string | undefined {
  if (rules !== undefined) return rules.denial?.rule;
  return code === "hidden" ? "/hide" : "/default";
}

function namesOf(judged: readonly JudgedTool[]): string {
  const shown = judged.slice(0, 10).map(({ tool }) => `\`${tool.name.slice(0, 100)}\``);
  const more = judged.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Finding the nearest of many names takes its time. */
const suggestionsMax = 100;

/** Names and patterns of `hide` and `tools` that match none of the server's tools: most often a slip of the pen. */
function warnOfUnmatched(tools: readonly KnownTool[], context: CompileContext): void {
  const known = tools.map((tool) => tool.name);
  const { hide = [], tools: entries = {} } = context.document;
  const places: (readonly [pattern: string, path: string])[] = Object.keys(entries).map((key) => [
    key,
    `/tools/${escapeStep(key)}`,
  ]);
  if (!("$list" in hide)) places.push(...hide.map((pattern, index) => [pattern, `/hide/${index}`] as const));
  let said = 0;
  for (const [pattern, path] of places) {
    const { matches } = compilePattern(pattern);
    if (known.some(matches)) continue;
    said += 1;
    const near = said > suggestionsMax ? undefined : nearestWord(pattern, known);
    reportWarning(context, {
      code: "TOOL_UNKNOWN",
      message: `\`${pattern.slice(0, 100)}\` matches none of the server's tools`,
      path,
      hint: near === undefined ? "check the name against the server's list" : `did you mean \`${near}\`?`,
      at: "key",
    });
  }
}

const doorKinds: readonly DoorKind[] = ["resources", "prompts", "sampling", "elicitation", "roots"];

function warnOfDoors(context: CompileContext): void {
  const closed = doorKinds.filter((kind) => context.document[kind] === undefined);
  if (context.document.default === "allow" || closed.length === 0) return;
  reportWarning(context, {
    code: "DOORS_CLOSED",
    message: `\`"default": "deny"\` also closes ${closed.map((kind) => `\`${kind}\``).join(", ")}`,
    path: "/default",
    hint: 'write `"resources": "allow"` and the like for those that the agent needs',
  });
}

function warnOfFlows(policy: CompiledPolicy, tools: readonly KnownTool[], context: CompileContext): void {
  for (const flow of policy.flows) {
    const both = tools.filter(({ name, review }) => {
      const mark = { server: "", tool: name, category: review?.category, signals: review?.signals };
      return flow.after(mark) && flow.later(mark);
    });
    if (both.length === 0) continue;
    reportWarning(context, {
      code: "FLOW_SELF",
      message: `${namesOf(both.map((tool) => ({ tool, rules: undefined, code: undefined })))} match both sides, so one call stops the next`,
      path: flow.pointer,
      hint: "narrow one side, or review the tools: one without a review has every category and signal",
    });
  }
}

/** What the rules of one entry read, with the listed tools it selects. */
interface Reader {
  readonly pointer: string;
  readonly paths: readonly string[];
  readonly isDenySide: boolean;
  readonly tools: KnownTool[];
}

function warnOfArguments(judged: readonly JudgedTool[], context: CompileContext): void {
  const readers = new Map<string, Reader>();
  for (const { tool, rules } of judged) {
    for (const reader of rules === undefined ? [] : readersOf(rules)) {
      const known = readers.get(reader.pointer) ?? reader;
      known.tools.push(tool);
      readers.set(reader.pointer, known);
    }
  }
  for (const reader of readers.values()) {
    for (const path of new Set(reader.paths)) warnOfPath(path, reader, context);
  }
}

function readersOf(rules: CompiledRules): readonly Reader[] {
  const ofPredicate =
    (isDenySide: boolean) =>
    (predicate: CompiledPredicate): readonly Reader[] =>
      predicate.conditions.map(({ pointer, paths }) => ({ pointer, paths, isDenySide, tools: [] }));
  return [
    ...rules.require.flatMap(ofPredicate(false)),
    ...rules.denyIf.flatMap(ofPredicate(true)),
    ...rules.approveIf.flatMap(ofPredicate(true)),
    ...rules.limits.map(({ pointer, paths }) => ({ pointer, paths, isDenySide: false, tools: [] })),
  ];
}

function warnOfPath(source: string, reader: Reader, context: CompileContext): void {
  const path = parsePath(source);
  if ("code" in path || path.root !== "args") return;
  const schemas = reader.tools.map((tool) => tool.inputSchema).filter((schema) => schema !== undefined);
  const verdicts = schemas.map((schema) => judgePath(schema, path));
  const { pointer } = reader;
  if (verdicts.length === reader.tools.length && verdicts.every((verdict) => verdict !== "possible")) {
    reportWarning(context, { path: pointer, ...unreadable(source, verdicts, reader) });
  }
  const first = path.steps[0];
  if (!reader.isDenySide || first?.kind !== "member") return;
  const { name } = first;
  const filled = reader.tools.find(
    (tool) => tool.inputSchema !== undefined && defaultOf(tool.inputSchema, name) !== undefined,
  );
  if (filled === undefined) return;
  reportWarning(context, {
    code: "ARGUMENT_DEFAULT",
    message: `\`${filled.name}\` has a default for \`${name}\`, which this rule does not see when the argument is left out`,
    path: pointer,
    hint: `add a \`require\` with \`{ "path": "${source}", "op": "exists" }\` if the default must not pass`,
  });
}

function unreadable(
  source: string,
  verdicts: readonly PathVerdict[],
  reader: Reader,
): Pick<FoundPolicyProblem, "code" | "message" | "hint"> {
  const tools = reader.tools
    .slice(0, 3)
    .map(({ name }) => `\`${name.slice(0, 100)}\``)
    .join(", ");
  if (verdicts.includes("unnamed")) {
    return {
      code: "ARGUMENT_UNNAMED",
      message: `the input schema of ${tools} does not name \`${source}\``,
      hint: "check the spelling of the argument against the tool's schema",
    };
  }
  return {
    code: "PATH_IMPOSSIBLE",
    message: `the input schema of ${tools} leaves no room for \`${source}\`, so this can never be read`,
    hint: "check the path against the tool's schema",
  };
}
