import { checkDefinitions, type Definition } from "../catalogue/checks/check-definitions.ts";
import type { Finding } from "../catalogue/checks/finding.ts";
import type { OtherServer } from "../catalogue/checks/names.ts";
import type { ControlQueries } from "../store/control-database.ts";
import type { JsonObject } from "../values/json.ts";

/** A tool that is looked at. */
interface NamedDefinition {
  readonly name: string;
  readonly definition: JsonObject;
}

/**
 * What in these tools of a server a person should look at, worst first: hidden characters, text like instructions, names
 * of other servers' tools. `server` undefined for one that is not registered. Rejects with the database's errors.
 */
export async function findInTools(
  read: ControlQueries,
  server: string | undefined,
  tools: readonly NamedDefinition[],
): Promise<readonly Finding[]> {
  if (tools.length === 0) return [];
  const entries = tools.map(({ name, definition }): Definition => ({ subject: { kind: "tool", name }, definition }));
  return checkDefinitions({ server: undefined, entries, others: await readOtherTools(read, server) });
}

/** What the other servers behind the gateway call their tools: a definition that speaks of those may mean to shadow them. */
export async function readOtherTools(
  read: ControlQueries,
  server: string | undefined,
): Promise<readonly OtherServer[]> {
  const rows = await read
    .selectFrom("tool_definitions")
    .select(["server", "tool"])
    .distinct()
    .where("server", "!=", server ?? "")
    .execute();
  const byServer = Map.groupBy(rows, (row) => row.server);
  return [...byServer].map(([name, tools]) => ({ name, tools: tools.map(({ tool }) => tool) }));
}
