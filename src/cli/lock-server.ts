import { classifyTool } from "../catalogue/classify/classify-tool.ts";
import type { Finding } from "../catalogue/checks/finding.ts";
import type { ToolDefinition } from "../catalogue/record.ts";
import { lockable, type LockedServer, type LockedTool } from "../config/lock-file.ts";
import { definitionDiff } from "../definitions/definition-diff.ts";
import { createSteadyForm, digestOfSteady } from "../definitions/definition-digest.ts";
import type { JsonObject } from "../values/json.ts";

/** How one tool stands to the lock file. */
export interface LockChange {
  readonly kind: "new" | "changed" | "removed";
  /** As the server gave it; hostile. */
  readonly tool: string;
  readonly before: LockedTool | undefined;
  readonly after: LockedTool | undefined;
  /** Unified, hidden characters made visible; `""` for what was removed, and for all tools of a first lock. */
  readonly diff: string;
}

/** A server's tools locked, and what that changes. */
export interface LockPlan {
  readonly locked: LockedServer;
  /** By name. */
  readonly changes: readonly LockChange[];
  /** What a person should look at in what is new or changed; in a first lock in all that the server says. */
  readonly findings: readonly Finding[];
  /** Names that no lock file can hold: those tools stay denied. */
  readonly leftOut: readonly string[];
}

/** A server as it was seen, and what the file says of it. */
export interface LockInput {
  readonly tools: readonly ToolDefinition[];
  readonly findings: readonly Finding[];
  readonly volatile: readonly string[];
  /** Undefined before the first lock. */
  readonly known: LockedServer | undefined;
  /** RFC 3339. */
  readonly now: string;
}

/** Pure. What a lock of these tools holds: of definitions that are locked already what the file says of them. */
export function planLock({ tools, findings, volatile, known, now }: LockInput): LockPlan {
  const steady = createSteadyForm(volatile);
  const definitions = new Map(tools.map((tool) => [tool.name, steady({ ...tool })] as const));
  const was = known === undefined ? undefined : new Map(Object.entries(known.tools));
  const is = new Map<string, LockedTool>();
  for (const [name, definition] of definitions) {
    const entry = lockable(name, lockTool(name, definition, was?.get(name), now));
    if (entry !== undefined) is.set(name, entry);
  }
  const changes = changesOf(was, is, definitions);
  const taken = new Set(changes.filter(({ kind }) => kind !== "removed").map(({ tool }) => tool));
  const isTaken = ({ subject }: Finding): boolean => subject.kind === "tool" && taken.has(subject.name);
  return {
    locked: { volatile, tools: Object.fromEntries(is) },
    changes,
    findings: was === undefined ? findings : findings.filter(isTaken),
    leftOut: [...definitions.keys()].filter((name) => !is.has(name)),
  };
}

function lockTool(name: string, definition: JsonObject, before: LockedTool | undefined, now: string): LockedTool {
  const sha256 = digestOfSteady(definition);
  if (before?.sha256 === sha256) return { ...before, definition };
  const { category, signals } = classifyTool({ ...definition, name });
  return { sha256, category, signals, first_seen: now, definition };
}

function changesOf(
  was: ReadonlyMap<string, LockedTool> | undefined,
  is: ReadonlyMap<string, LockedTool>,
  definitions: ReadonlyMap<string, JsonObject>,
): readonly LockChange[] {
  const names = new Set([...(was?.keys() ?? []), ...is.keys()]);
  return [...names].toSorted().flatMap((tool): readonly LockChange[] => {
    const [before, after, definition] = [was?.get(tool), is.get(tool), definitions.get(tool)];
    if (after === undefined || definition === undefined) return [{ kind: "removed", tool, before, after, diff: "" }];
    if (before?.sha256 === after.sha256) return [];
    const kind = before === undefined ? "new" : "changed";
    const diff = was === undefined ? "" : definitionDiff(before?.definition, definition);
    return [{ kind, tool, before, after, diff }];
  });
}
