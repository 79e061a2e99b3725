import { categories } from "../policy/index.ts";
import { type Finding, severities, type Severity } from "./checks/finding.ts";
import { packageReference } from "./references.ts";
import { type EntryRecord, identityLevels, type ServerRecord, type ToolRecord } from "./server-record.ts";

/** What can change between two looks at a server. */
export type ChangeKind =
  | "tool_added"
  | "tool_removed"
  | "tool_renamed"
  | "description_changed"
  | "schema_changed"
  | "annotations_changed"
  | "category_changed"
  | "finding_added"
  | "instructions_changed"
  | "prompt_added"
  | "prompt_removed"
  | "resource_added"
  | "resource_removed"
  | "identity_changed"
  | "auth_changed"
  | "grade_changed";

/** One change. */
export interface Change {
  readonly kind: ChangeKind;
  readonly severity: Severity;
  /** The tool's name now, or what it was where it is gone. */
  readonly tool?: string;
  /** Of prompts and resources: the name or the URI. */
  readonly entry?: string;
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
    ...findingChanges(before, after),
    ...instructionChanges(before, after),
    ...entryChanges(before, after),
    ...identityChanges(before, after),
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

/** What is found in a definition that is new or another: checks that have become better find nothing in old ones. */
function findingChanges(before: ServerRecord, after: ServerRecord): readonly Change[] {
  const unchanged = new Set(before.tools.map(({ name, digests }) => `${name} ${digests.definition}`));
  const same = new Set(
    after.tools.filter(({ name, digests }) => unchanged.has(`${name} ${digests.definition}`)).map(({ name }) => name),
  );
  const isOther =
    before.definitionsSha256 !== after.definitionsSha256 || before.instructionsSha256 !== after.instructionsSha256;
  const keyOf = ({ code, subject, place, severity }: Finding): string =>
    `${code} ${severity} ${place} ${subject.kind} ${subject.kind === "server" ? "" : subject.name}`;
  const known = new Set(before.findings.map(keyOf));
  const added = after.findings.filter(
    (finding) =>
      isOther && !known.has(keyOf(finding)) && !(finding.subject.kind === "tool" && same.has(finding.subject.name)),
  );
  const bySubject = Map.groupBy(added, ({ subject: { kind, name } }) => (kind === "server" ? kind : `${kind} ${name}`));
  return [...bySubject.values()].map((findings): Change => {
    const [{ subject } = { subject: undefined }] = findings;
    const worst = Math.max(...findings.map(({ severity }) => severities.indexOf(severity)));
    const where =
      subject?.kind === "tool"
        ? { tool: subject.name }
        : subject === undefined || subject.kind === "server"
          ? {}
          : { entry: subject.name };
    const codes = [...new Set(findings.map(({ code }) => code))].join(", ");
    return { kind: "finding_added", severity: severities[worst] ?? "critical", ...where, to: codes };
  });
}

/** Only a look at the server itself knows its instructions. */
function instructionChanges(before: ServerRecord, after: ServerRecord): readonly Change[] {
  const [from, to] = [before.instructionsSha256, after.instructionsSha256];
  return from === undefined || to === undefined || from === to
    ? []
    : [{ kind: "instructions_changed", severity: "medium" }];
}

/** As only a look at the server itself knows its prompts and resources. */
function entryChanges(before: ServerRecord, after: ServerRecord): readonly Change[] {
  if (before.instructionsSha256 === undefined || after.instructionsSha256 === undefined) return [];
  return (["prompt", "resource"] as const).flatMap((kind): readonly Change[] => {
    const [old, now] = [namesOfKind(before.entries, kind), namesOfKind(after.entries, kind)];
    const change = (what: "added" | "removed", entry: string): Change => ({
      kind: `${kind}_${what}`,
      severity: "low",
      entry,
    });
    return [
      ...[...now].filter((name) => !old.has(name)).map((name) => change("added", name)),
      ...[...old].filter((name) => !now.has(name)).map((name) => change("removed", name)),
    ];
  });
}

function namesOfKind(entries: readonly EntryRecord[], kind: EntryRecord["kind"]): ReadonlySet<string> {
  return new Set(entries.filter((entry) => entry.kind === kind).map(({ name }) => name));
}

/** Another publisher, repository, package or address. What only comes to be known beside the rest is no other server. */
function identityChanges(before: ServerRecord, after: ServerRecord): readonly Change[] {
  const isWorse = identityLevels.indexOf(after.identity.level) < identityLevels.indexOf(before.identity.level);
  const swapped = (old: readonly string[], now: readonly string[]): readonly Change[] => {
    const gone = old.filter((item) => !now.includes(item));
    const come = now.filter((item) => !old.includes(item));
    return gone.length === 0 || come.length === 0
      ? []
      : valueChange("identity_changed", "high", gone.join(", "), come.join(", "));
  };
  const repositories = ({ repository }: ServerRecord): readonly string[] =>
    repository === undefined ? [] : [repository.toLowerCase()];
  return [
    ...valueChange("identity_changed", isWorse ? "high" : "low", before.identity.level, after.identity.level),
    ...swapped(repositories(before), repositories(after)),
    ...swapped(before.packages.map(packageReference), after.packages.map(packageReference)),
    ...swapped(before.remotes, after.remotes),
  ];
}

function valueChange(kind: ChangeKind, severity: Severity, from: string, to: string): readonly Change[] {
  return from === to ? [] : [{ kind, severity, from, to }];
}
