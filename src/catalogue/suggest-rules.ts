import type { PolicyDocument } from "../policy/index.ts";
import { isObject, type JsonObject, ownMember } from "../values/json.ts";
import { type Parameter, readDefinition } from "./classify/read-definition.ts";
import { isPathParameter, isUrlParameter } from "./classify/signals.ts";
import { moneyNames } from "./classify/words.ts";
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

/** Whom something is sent to, as parameters name it. */
const recipientNames =
  /^(?:to|cc|bcc|recipients?|(?:to_?|recipient_?)?e?mail(?:_?address)?|channel(?:_?id)?|chat_?id|phone(?:_?number)?|to_?account|destination)$/iu;

/** Pure. The rules that a tool's parameters ask for, each with its reason. */
export function suggestRules({ definition, classification }: ClassifiedTool): readonly Suggestion[] {
  const { name: tool, inputSchema } = definition;
  const properties = isObject(inputSchema) ? ownMember(inputSchema, "properties") : undefined;
  const isCostly = classification.category === "Financial";
  const isSender = classification.signals.includes("sends_to_recipient") || isCostly;
  return readDefinition(definition).parameters.flatMap((parameter): readonly Suggestion[] => {
    const { name, depth } = parameter;
    if (depth > 0 || !/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name) || name === "__proto__") return [];
    const schema = isObject(properties) ? ownMember(properties, name) : undefined;
    if (!isObject(schema)) return [];
    if (schema["type"] === "string") return textRules(tool, parameter, `args.${name}`, isSender);
    if (isSender && recipientNames.test(name) && isListOfText(schema)) return [recipients(tool, `args.${name}[*]`)];
    const isAmount = schema["type"] === "number" || schema["type"] === "integer";
    return isCostly && isAmount && moneyNames.test(name) ? [spendCap(tool, `args.${name}`)] : [];
  });
}

function textRules(tool: string, parameter: Parameter, path: string, isSender: boolean): readonly Suggestion[] {
  if (isUrlParameter(parameter))
    return [requirement(tool, path, "host_in", ["docs.example.com"], "name the hosts it may reach")];
  if (isPathParameter(parameter))
    return [requirement(tool, path, "within", ["/srv/project"], "name the folders it may touch")];
  return isSender && recipientNames.test(parameter.name) ? [recipients(tool, path)] : [];
}

function recipients(tool: string, path: string): Suggestion {
  return requirement(tool, path, "in", ["team@example.com"], "name whom it may send to");
}

function requirement(
  tool: string,
  path: string,
  op: "host_in" | "within" | "in",
  value: readonly string[],
  reason: string,
): Suggestion {
  return { tool, rules: { require: [{ conditions: [{ path, op, value }] }] }, reason: `\`${path}\`: ${reason}` };
}

function spendCap(tool: string, path: string): Suggestion {
  const limit = { counter: `${tool}_spend`, window: "day", max: 100, scope: "grant", increment_from: path } as const;
  return { tool, rules: { limits: [limit] }, reason: `\`${path}\`: name what may be spent in a day` };
}

function isListOfText(schema: JsonObject): boolean {
  const items = ownMember(schema, "items");
  return schema["type"] === "array" && isObject(items) && items["type"] === "string";
}
