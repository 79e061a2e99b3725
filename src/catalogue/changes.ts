import type { ServerRecord, ToolRecord } from "./server-record.ts";
import type { Severity } from "./checks/finding.ts";
import { categories } from "../policy/index.ts";

/** What can change between two looks at a server. */
export type ChangeKind =
  | "tool_added"
  | "tool_removed"
  | "tool_renamed"
  | "description_changed"
  | "schema_changed"
  | "annotations_changed"
  | "category_changed"
  | "identity_changed"
  | "auth_changed"
  | "grade_changed";

/** One change. */
export interface Change {
  readonly kind: ChangeKind;
  readonly severity: Severity;
  /** The tool's name now, or what it was where it is gone. */
  readonly tool?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Pure. What changed from one record of a server to a later one, in the order of kinds and of the tools' lists. */
export function compareRecords(before: ServerRecord, after: ServerRecord): readonly Change[] {
  const old = byName(before.tools);
  const now = byName(after.tools);
  const gone = [...old.values()].filter(({ name }) => !now.has(name));
  const added = [...now.values()].filter(({ name }) => !old.has(name));
  const renames = renamesAmong(gone, added);
  const renamed = new Set(renames.flatMap(({ from, tool }) => [from, tool]));
  return [
    ...added.filter(({ name }) => !renamed.has(name)).map(toolAdded),
    ...gone
      .filter(({ name }) => !renamed.has(name))
      .map(({ name: tool }): Change => ({ kind: "tool_removed", severity: "low", tool })),
    ...renames,
    ...[...now.values()].flatMap((tool) => toolChanges(old.get(tool.name), tool)),
    ...valueChange("identity_changed", "high", before.identity.level, after.identity.level),
    ...valueChange("auth_changed", "medium", before.posture.auth, after.posture.auth),
    ...valueChange("grade_changed", "medium", before.grade.letter, after.grade.letter),
  ];
}

function byName(tools: readonly ToolRecord[]): ReadonlyMap<string, ToolRecord> {
  return new Map(tools.map((tool) => [tool.name, tool]));
}

function toolAdded({ name: tool, category, risk }: ToolRecord): Change {
  return { kind: "tool_added", severity: risk === "Critical" ? "high" : "medium", tool, to: category };
}

/** A tool that went with another that came, whose text, schemas and category are the same. */
function renamesAmong(gone: readonly ToolRecord[], added: readonly ToolRecord[]): readonly Change[] {
  const keyOf = ({ digests, category }: ToolRecord): string => `${digests.description} ${digests.schema} ${category}`;
  const left = new Map(added.map((tool) => [keyOf(tool), tool]));
  return gone.flatMap((tool): readonly Change[] => {
    const { name } = tool;
    const key = keyOf(tool);
    const twin = left.get(key);
    left.delete(key);
    return twin === undefined ? [] : [{ kind: "tool_renamed", severity: "medium", tool: twin.name, from: name }];
  });
}

function toolChanges(before: ToolRecord | undefined, after: ToolRecord): readonly Change[] {
  if (before === undefined || before.digests.definition === after.digests.definition) return [];
  const { name: tool } = after;
  const isWorse = categories.indexOf(after.category) > categories.indexOf(before.category);
  const part = (kind: ChangeKind, key: keyof ToolRecord["digests"], severity: Severity): readonly Change[] =>
    before.digests[key] === after.digests[key] ? [] : [{ kind, severity, tool }];
  return [
    ...part("description_changed", "description", "medium"),
    ...part("schema_changed", "schema", "medium"),
    ...part("annotations_changed", "annotations", "low"),
    ...valueChange("category_changed", isWorse ? "high" : "medium", before.category, after.category).map((change) => ({
      ...change,
      tool,
    })),
  ];
}

function valueChange(kind: ChangeKind, severity: Severity, from: string, to: string): readonly Change[] {
  return from === to ? [] : [{ kind, severity, from, to }];
}
