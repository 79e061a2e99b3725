import type { DoorKind } from "../../policy/index.ts";
import { isObject, type JsonObject } from "../../values/json.ts";

/** The section of the policy that a message falls under, and what it names there. */
export interface Door {
  readonly kind: DoorKind;
  /** The resource's URI or the prompt's name; undefined for the door itself. */
  readonly name: string | undefined;
}

const serverDoors: Readonly<Record<string, DoorKind>> = {
  "sampling/createMessage": "sampling",
  "elicitation/create": "elicitation",
  "roots/list": "roots",
  "notifications/roots/list_changed": "roots",
  "notifications/prompts/list_changed": "prompts",
  "notifications/resources/list_changed": "resources",
  "notifications/elicitation/complete": "elicitation",
};

/** Pure. The door that a message goes through; undefined when its params do not name what the method needs. */
export function doorOf(method: string, params: JsonObject): Door | undefined {
  const kind = Object.hasOwn(serverDoors, method) ? serverDoors[method] : undefined;
  if (kind !== undefined) return { kind, name: undefined };
  switch (method) {
    case "prompts/get":
      return named("prompts", params["name"]);
    case "completion/complete":
      return doorOfReference(params["ref"]);
    case "notifications/resources/updated":
    case "resources/read":
    case "resources/subscribe":
    case "resources/unsubscribe":
      return named("resources", params["uri"]);
    default:
      return undefined;
  }
}

/** What a completion completes: an argument of a prompt, or of a resource template. */
function doorOfReference(reference: unknown): Door | undefined {
  if (typeof reference !== "object" || reference === null) return undefined;
  const { type, name, uri } = { type: undefined, name: undefined, uri: undefined, ...reference };
  if (type === "ref/prompt") return named("prompts", name);
  return type === "ref/resource" ? named("resources", uri) : undefined;
}

function named(kind: DoorKind, name: unknown): Door | undefined {
  return typeof name === "string" && name !== "" ? { kind, name } : undefined;
}

/**
 * Pure. The doors of what the `inputRequests` of a result, or of a task, ask the client to answer. What cannot be read
 * counts as the door that leads to a person.
 */
export function doorsOfInputRequests(holder: JsonObject): readonly DoorKind[] {
  const requests = holder["inputRequests"];
  if (requests === undefined) return [];
  return (isObject(requests) ? Object.values(requests) : [requests]).map((request) => {
    const method = isObject(request) ? request["method"] : undefined;
    return (typeof method === "string" ? doorOf(method, {})?.kind : undefined) ?? "elicitation";
  });
}
