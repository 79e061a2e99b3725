import type { PolicyDocument } from "../policy/index.ts";
import { isList, isObject, type JsonObject, ownMember } from "../values/json.ts";
import { isPathParameter, isUrlParameter } from "./classify/parameter-kinds.ts";
import { type Parameter, readDefinition } from "./classify/read-definition.ts";
import { changingStatement, moneyNames, recipientNames, statementNames } from "./classify/words.ts";
import type { ClassifiedTool } from "./record.ts";

/** What a policy says of one tool. */
export type Rules = NonNullable<PolicyDocument["tools"]>[string];

/** A rule that needs the user's own values; it stands beside a recommendation, never in it. */
export interface Suggestion {
  readonly tool: string;
  /** To be put into the tool's entry; its values are examples. */
  readonly rules: Rules;
  readonly reason: string;
}

/** Pure. The rules that a tool's parameters ask for, each with its reason. */
export function suggestRules({ definition, classification }: ClassifiedTool): readonly Suggestion[] {
  const { name: tool, inputSchema } = definition;
  const properties = isObject(inputSchema) ? ownMember(inputSchema, "properties") : undefined;
  const isCostly = classification.category === "Financial";
  const isSender = classification.signals.includes("sends_to_recipient") || isCostly;
  return readDefinition(definition).parameters.flatMap((parameter): readonly Suggestion[] => {
    const { name, depth, isRequired } = parameter;
    if (depth > 0 || !/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name) || name === "__proto__") return [];
    const schema = isObject(properties) ? ownMember(properties, name) : undefined;
    if (!isObject(schema)) return [];
    const [path, place] = [`args.${name}`, { tool, argument: `args.${name}`, isRequired }];
    if (holds(schema, "string")) return textRules(parameter, { ...place, path }, isSender);
    if (isListOfText(schema)) return textRules(parameter, { ...place, path: `${path}[*]` }, isSender);
    const isAmount = holds(schema, "number") || holds(schema, "integer");
    return isCostly && isAmount && moneyNames.test(name) ? [spendCap(tool, path)] : [];
  });
}

/** Where a rule looks. */
interface Place {
  readonly tool: string;
  readonly argument: string;
  /** The argument, or each of its elements. */
  readonly path: string;
  readonly isRequired: boolean;
}

function textRules(parameter: Parameter, place: Place, isSender: boolean): readonly Suggestion[] {
  if (statementNames.test(parameter.name)) return [statements(place)];
  if (isUrlParameter(parameter))
    return [requirement(place, "host_in", ["docs.example.com"], "name the hosts it may reach")];
  if (isPathParameter(parameter))
    return [requirement(place, "within", ["/srv/project"], "name the folders it may touch")];
  if (!isSender || !recipientNames.test(parameter.name)) return [];
  return [requirement(place, "in", ["team@example.com"], "name whom it may send to")];
}

function requirement(
  { tool, argument, path, isRequired }: Place,
  op: "host_in" | "within" | "in",
  value: readonly string[],
  reason: string,
): Suggestion {
  const condition = { path, op, value };
  // A call that leaves the argument out stays allowed, as the tool allows it.
  const conditions = isRequired ? [condition] : [{ any: [{ path: argument, op: "exists", value: false }, condition] }];
  return { tool, rules: { require: [{ conditions }] }, reason: `\`${path}\`: ${reason}` };
}

/** A word list is no parser: it stops accidents, and whoever writes around it only a role of the database stops. */
function statements({ tool, path }: Place): Suggestion {
  const condition = { path, op: "regex", value: changingStatement } as const;
  const reason = `\`${path}\`: name the words that no statement may hold, beside a role of the database that may only read`;
  return { tool, rules: { deny_if: [{ conditions: [condition] }] }, reason };
}

function spendCap(tool: string, path: string): Suggestion {
  const limit = { counter: `${tool}_spend`, window: "day", max: 100, scope: "grant", increment_from: path } as const;
  return { tool, rules: { limits: [limit] }, reason: `\`${path}\`: name what may be spent in a day` };
}

function isListOfText(schema: JsonObject): boolean {
  return formsOf(schema).some((form) => {
    const items = ownMember(form, "items");
    return isOf(form, "array") && isObject(items) && holds(items, "string");
  });
}

/** Whether a schema allows that type: by itself, beside others, or as one of several. */
function holds(schema: JsonObject, type: string): boolean {
  return formsOf(schema).some((form) => isOf(form, type));
}

function isOf(schema: JsonObject, type: string): boolean {
  const own = ownMember(schema, "type");
  return own === type || (isList(own) && own.includes(type));
}

function formsOf(schema: JsonObject): readonly JsonObject[] {
  const options = ["anyOf", "oneOf"].flatMap((key) => {
    const list = ownMember(schema, key);
    return isList(list) ? list.filter(isObject) : [];
  });
  return [schema, ...options];
}
