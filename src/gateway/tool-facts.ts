import { judgeDefinition } from "../definitions/pinning.ts";
import type { ToolFacts } from "../policy/index.ts";
import type { JsonObject } from "../values/json.ts";
import type { ServerRecord } from "./snapshot.ts";
import type { ListedTool } from "./tool-index.ts";

/** What a policy knows of a tool as its server lists it now; `listed` undefined for a name that it does not list. */
export function toolFacts(
  { pinning }: ServerRecord,
  name: string,
  listed: (Pick<ListedTool, "schema"> & { readonly definition: JsonObject }) | undefined,
): ToolFacts {
  if (listed === undefined) return { name, isListed: false, isChanged: false, review: undefined, schema: undefined };
  const { state, isBlocked, review } = judgeDefinition(pinning, name, listed.definition);
  return { name, isListed: true, isChanged: isBlocked, isNew: state === "new", review, schema: listed.schema };
}
