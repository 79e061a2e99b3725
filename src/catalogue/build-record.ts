import { categories, type Category } from "../policy/index.ts";
import { canonicalJson } from "../values/canonical.ts";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";
import { checkDefinitions, type Definition } from "./checks/check-definitions.ts";
import type { Finding, FindingCode } from "./checks/finding.ts";
import type { OtherServer } from "./checks/names.ts";
import { classifyTool } from "./classify/classify-tool.ts";
import { gradeTools, tokensOf } from "./grade.ts";
import { owaspOf } from "./owasp-of.ts";
import { recommendForTool } from "./recommend.ts";
import type { ClassifiedTool, ToolDefinition } from "./record.ts";
import type { RecordSignal, ServerFacts, ServerRecord, ToolParameter, ToolRecord } from "./server-record.ts";
import { serverSlug, toolSlug, toolSlugs } from "./slug.ts";

/** What a server listed. A name that is listed twice is there twice. */
export interface ServerLists {
  /** What it says of itself: instructions, information; undefined when it said nothing. */
  readonly about: JsonObject | undefined;
  readonly tools: readonly ToolDefinition[];
  readonly prompts: readonly JsonObject[];
  /** Templates of resources among them. */
  readonly resources: readonly JsonObject[];
}

/** What a record needs that is not in the definitions. */
export interface RecordOptions {
  /** SHA-256 of a text, hex. */
  readonly digest: (text: string) => string;
  /** Servers that the same agent uses. */
  readonly others?: readonly OtherServer[];
  /** Slugs of attacks for a tool; none without it. */
  readonly attacksOf?: (tool: ClassifiedTool) => readonly string[];
}

/** Pure (with a pure digest). A server's record from its facts and its lists. */
export function buildRecord(facts: ServerFacts, lists: ServerLists, options: RecordOptions): ServerRecord {
  const { auth, ...rest } = facts;
  const tools = lists.tools.map((definition): ClassifiedTool => ({
    definition,
    classification: classifyTool(definition),
  }));
  const findings = findingsOf(facts.name, lists, options.others ?? []);
  const ofTool = Map.groupBy(
    findings.filter(({ subject }) => subject.kind === "tool"),
    ({ subject }) => subject.name,
  );
  const slugs = toolSlugs(tools.map(({ definition }) => definition.name));
  const records = tools.map((tool) => {
    const { name } = tool.definition;
    return toolRecord(tool, slugs.get(name) ?? toolSlug(name), ofTool.get(name) ?? [], options);
  });
  const grade = gradeTools(tools, findings);
  const annotated = tools.filter(({ definition }) => isObject(definition.annotations)).length;
  return {
    slug: serverSlug({
      registryName: facts.registryName,
      repository: facts.repository,
      package: facts.packages[0]?.name,
      address: facts.remotes[0],
      commandSha256: facts.commandSha256,
      name: facts.name,
    }),
    ...rest,
    posture: { auth, annotations: tools.length === 0 ? 0 : Math.round((annotated / tools.length) * 100) / 100 },
    grade,
    counts: countsOf(tools),
    definitionTokens: grade.definitionTokens,
    tokenMethod: grade.tokenMethod,
    heaviestTool: grade.heaviestTool,
    tools: records.toSorted((a, b) => categories.indexOf(b.category) - categories.indexOf(a.category)),
    entries: [
      ...lists.prompts.map((entry) => ({ kind: "prompt" as const, name: textOf(entry["name"]) ?? "" })),
      ...lists.resources.map((entry) => ({ kind: "resource" as const, name: uriOf(entry) })),
    ],
    findings,
    definitionsSha256: options.digest(canonicalJson([lists.tools, lists.prompts, lists.resources])),
    ...(lists.about === undefined
      ? {}
      : { instructionsSha256: options.digest(canonicalJson(lists.about["instructions"] ?? null)) }),
  };
}

function findingsOf(name: string, lists: ServerLists, others: readonly OtherServer[]): readonly Finding[] {
  return checkDefinitions({
    server: lists.about === undefined ? undefined : { subject: { kind: "server", name }, definition: lists.about },
    entries: [
      ...lists.tools.map((definition): Definition => ({
        subject: { kind: "tool", name: definition.name },
        definition: plainDefinition(definition),
      })),
      ...lists.prompts.map((definition): Definition => ({
        subject: { kind: "prompt", name: textOf(definition["name"]) ?? "" },
        definition,
      })),
      ...lists.resources.map((definition): Definition => ({
        subject: { kind: "resource", name: uriOf(definition) },
        definition,
      })),
    ],
    others,
  });
}

function uriOf(resource: JsonObject): string {
  return textOf(resource["uri"]) ?? textOf(resource["uriTemplate"]) ?? "";
}

function plainDefinition(definition: ToolDefinition): JsonObject {
  return Object.fromEntries(
    Object.entries(definition).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}

const hiding: ReadonlySet<FindingCode> = new Set(["hidden_characters", "terminal_escapes", "text_out_of_sight"]);

/** What a check found becomes a signal, unless it is only mild. */
function signalsOf(findings: readonly Finding[]): readonly RecordSignal[] {
  const told = findings.filter(({ severity }) => severity !== "low");
  return [
    ...(told.some(({ code }) => hiding.has(code)) ? ["hidden_text" as const] : []),
    ...(told.some(({ code }) => code === "instructions") ? ["instruction_like_text" as const] : []),
  ];
}

function toolRecord(
  tool: ClassifiedTool,
  slug: string,
  findings: readonly Finding[],
  options: RecordOptions,
): ToolRecord {
  const { definition, classification } = tool;
  const { document, suggested } = recommendForTool(tool);
  const { name, inputSchema, outputSchema, annotations } = definition;
  const title = textOf(definition.title);
  const description = textOf(definition.description);
  const { digest } = options;
  const signals = [...classification.signals, ...signalsOf(findings)];
  return {
    name,
    slug,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    parameters: parametersOf(inputSchema),
    ...(inputSchema === undefined ? {} : { inputSchema }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotations === undefined ? {} : { annotations }),
    ...classification,
    signals,
    owasp: owaspOf({ category: classification.category, signals }),
    recommended: document,
    suggested,
    attacks: options.attacksOf?.(tool) ?? [],
    findings,
    definitionTokens: tokensOf(definition),
    digests: {
      definition: digest(canonicalJson(definition)),
      description: digest(canonicalJson([definition.title, definition.description])),
      schema: digest(canonicalJson([inputSchema, outputSchema])),
      annotations: digest(canonicalJson(annotations)),
    },
  };
}

function parametersOf(schema: JsonValue | undefined): readonly ToolParameter[] {
  const properties = isObject(schema) ? ownMember(schema, "properties") : undefined;
  if (!isObject(schema) || !isObject(properties)) return [];
  const required = ownMember(schema, "required");
  const isRequired = (name: string): boolean => isList(required) && required.includes(name);
  return Object.entries(properties).map(([name, value]): ToolParameter => {
    const choices = isObject(value) ? ownMember(value, "enum") : undefined;
    const type = isObject(value) ? typeOf(value) : "any";
    return { name, type, required: isRequired(name), ...(isList(choices) ? { enum: choices } : {}) };
  });
}

function typeOf(schema: JsonObject): string {
  const type = ownMember(schema, "type");
  if (typeof type === "string") return type;
  if (isList(type)) return type.filter((word) => typeof word === "string").join(" | ") || "any";
  const options = ["anyOf", "oneOf"].flatMap((key) => {
    const list = ownMember(schema, key);
    return isList(list) ? list.filter(isObject) : [];
  });
  const words = options.map((option) => ownMember(option, "type")).filter((word) => typeof word === "string");
  return [...new Set(words)].join(" | ") || "any";
}

function countsOf(tools: readonly ClassifiedTool[]): Readonly<Record<Category, number>> {
  const count = (category: Category): number =>
    tools.filter(({ classification }) => classification.category === category).length;
  return {
    Read: count("Read"),
    Write: count("Write"),
    Execute: count("Execute"),
    Destructive: count("Destructive"),
    Financial: count("Financial"),
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
