import { canonicalJson } from "../values/canonical.ts";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";
import type { HostileServer, Replay, ReplayTool } from "./attack.ts";

/** Pure. The replay with the tools of its second servers on the hostile one too. */
export function onOneServer(replay: Replay): Replay {
  return { ...replay, tools: replay.tools.map((tool) => ({ ...tool, server: undefined })) };
}

/**
 * Pure. One server with everything that the servers of these replays have. Where several have a tool of one name, that
 * tool says and answers all that they do, and takes what any of them takes.
 */
export function mergeReplays(replays: readonly Replay[]): HostileServer {
  const groups = Map.groupBy(
    replays.flatMap((replay) => onOneServer(replay).tools),
    ({ name, isLater }) => `${isLater} ${name}`,
  );
  return {
    tools: [...groups.values()].map((tools) => tools.reduce(mergeTools)),
    resources: Object.assign({}, ...replays.map(({ resources }) => resources)),
    prompts: Object.assign({}, ...replays.map(({ prompts }) => prompts)),
  };
}

function mergeTools(one: ReplayTool, other: ReplayTool): ReplayTool {
  return {
    ...one,
    title: one.title ?? other.title,
    description: bothTexts(one.description, other.description),
    inputSchema: mergeSchemas(one.inputSchema, other.inputSchema),
    annotations: one.annotations ?? other.annotations,
    result: bothTexts(one.result, other.result) ?? "",
    isError: one.isError && other.isError,
    asks: one.asks ?? other.asks,
  };
}

function bothTexts(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return `${one}\n${other}`;
}

/** What is not the same in both of a property may be either; only what both require is required. */
function mergeSchemas(one: JsonObject, other: JsonObject): JsonObject {
  const properties = { ...propertiesOf(one) };
  for (const [name, schema] of Object.entries(propertiesOf(other))) {
    const known = ownMember(properties, name);
    properties[name] =
      known === undefined || canonicalJson(known) === canonicalJson(schema) ? schema : { anyOf: [known, schema] };
  }
  const required = requiredOf(one).filter((name) => requiredOf(other).includes(name));
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

function propertiesOf(schema: JsonObject): Record<string, JsonValue> {
  const properties = ownMember(schema, "properties");
  return isObject(properties) ? { ...properties } : {};
}

function requiredOf(schema: JsonObject): readonly JsonValue[] {
  const required = ownMember(schema, "required");
  return isList(required) ? required : [];
}
