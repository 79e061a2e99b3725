import type { ControlContext } from "../control/control-context.ts";
import type { ControlState, PolicyEntry } from "../control/state.ts";
import type { OAuthRules } from "../config/oauth-rules.ts";
import { visibility } from "../policy/index.ts";
import { includesRole, may, type Role } from "../values/roles.ts";

/** A server that a person may let a client use, and under which policies. */
export interface ServerOffer {
  readonly server: string;
  readonly title: string;
  /** Policy ids to choose from, at least one, the one to offer first in front. */
  readonly policies: readonly string[];
}

/**
 * Pure. What a person of this role may give to a client of their own at a resource: `server` or, for `""`, every
 * server. Who may mint grants may give anything; everybody else what the operator's files say, which is nothing unless
 * they say it.
 */
export function offersFor(state: ControlState, rules: OAuthRules, role: Role, server: string): readonly ServerOffer[] {
  const usable = (id: string): boolean => state.policies.get(id)?.compiled !== undefined;
  const every = may(role, "grants.mint") ? [...state.policies.keys()] : [];
  const fitting = rules.selfGrants.filter((rule) => includesRole(role, rule.role));
  return [...state.servers.values()]
    .filter(({ id, isDisabled }) => !isDisabled && (server === "" || id === server))
    .flatMap(({ id, title }) => {
      const named = fitting.flatMap(({ servers }) => servers.get(id) ?? []);
      const policies = [...new Set([...named, ...every])].filter(usable);
      return policies.length === 0 ? [] : [{ server: id, title, policies }];
    });
}

/** What a policy makes of a server's tools: names, as the server last listed them. */
export interface ToolView {
  readonly callable: readonly string[];
  readonly withheld: readonly string[];
}

/** What a client would see of a server; undefined when nobody has asked the server yet what it has. */
export async function toolsUnder(
  { database: { read }, state }: ControlContext,
  server: string,
  policy: PolicyEntry | undefined,
): Promise<ToolView | undefined> {
  const blocked = state().quarantined.get(server);
  const row = await read.selectFrom("tool_lists").select("tools").where("server", "=", server).executeTakeFirst();
  const names = row === undefined ? undefined : namesIn(JSON.parse(row.tools));
  if (names === undefined) return undefined;
  const isCallable = (name: string): boolean => {
    const facts = { name, isListed: true, isChanged: false, review: undefined, schema: undefined };
    return blocked?.has(name) !== true && visibility(policy?.compiled, facts) === "listed";
  };
  return { callable: names.filter(isCallable), withheld: names.filter((name) => !isCallable(name)) };
}

function namesIn(tools: unknown): readonly string[] | undefined {
  if (!Array.isArray(tools)) return undefined;
  return tools.flatMap((tool: unknown) => {
    const name = typeof tool === "object" && tool !== null && "name" in tool ? tool.name : undefined;
    return typeof name === "string" ? [name] : [];
  });
}
