import { judgeDefinition } from "../definitions/pinning.ts";
import { type Visibility, visibility } from "../policy/index.ts";
import type { ControlQueries } from "../store/control-database.ts";
import { pinningOf } from "./pinning-of.ts";
import type { ControlState, GrantEntry } from "./state.ts";
import { readToolList } from "./tool-lists.ts";

/** What a grant can do with one tool of a server. */
export interface EffectiveTool {
  readonly name: string;
  /** Whether the grant's lists show it. */
  readonly isListed: boolean;
  /** Whether some call of it can pass; rules on arguments, limits and flows still judge each call. */
  readonly isCallable: boolean;
  /** As the policy alone says. */
  readonly visibility: Visibility;
}

/** What a grant can do on one server. */
export interface EffectiveServer {
  readonly server: string;
  /** Undefined without one: everything is denied. */
  readonly policy: string | undefined;
  /** Why nothing passes, whatever the policy says; undefined when that is not so. */
  readonly closedBecause: "grant_revoked" | "grant_expired" | "server_missing" | "server_disabled" | undefined;
  /** When the tools were last fetched, milliseconds since 1970; undefined when they never were. */
  readonly fetchedMs: number | undefined;
  /** In the server's order; empty when they were never fetched. */
  readonly tools: readonly EffectiveTool[];
}

/** What a grant sees and may call, server by server, by the kept lists of tools. Rejects with the database's errors. */
export async function readEffective(
  read: ControlQueries,
  state: ControlState,
  grant: GrantEntry,
  nowMs: number,
): Promise<readonly EffectiveServer[]> {
  const servers: EffectiveServer[] = [];
  for (const [server, policy] of grant.servers)
    servers.push(await effectiveServer(read, state, grant, { server, policy, nowMs }));
  return servers.toSorted((a, b) => (a.server < b.server ? -1 : 1));
}

interface Place {
  readonly server: string;
  readonly policy: string | undefined;
  readonly nowMs: number;
}

async function effectiveServer(
  read: ControlQueries,
  state: ControlState,
  grant: GrantEntry,
  { server, policy, nowMs }: Place,
): Promise<EffectiveServer> {
  const closedBecause = closure(state, grant, server, nowMs);
  const list = await readToolList(read, server);
  const compiled = policy === undefined ? undefined : state.policies.get(policy)?.compiled;
  const entry = state.servers.get(server);
  const pinning = entry === undefined ? undefined : pinningOf(state, entry);
  const showsDenied = grant.showDenied || entry?.settings.showDenied === true;
  const tools = (list?.tools ?? []).map(({ name, definition }): EffectiveTool => {
    const { isBlocked: isChanged, review } = judgeDefinition(pinning, name, definition);
    const seen = visibility(compiled, { name, isListed: true, isChanged, review, schema: undefined });
    const isOpen = closedBecause === undefined;
    return {
      name,
      isListed: isOpen && (seen === "listed" || (seen === "denied" && showsDenied)),
      isCallable: isOpen && seen === "listed",
      visibility: seen,
    };
  });
  return { server, policy, closedBecause, fetchedMs: list?.fetchedMs, tools };
}

function closure(
  { servers }: ControlState,
  grant: GrantEntry,
  server: string,
  nowMs: number,
): EffectiveServer["closedBecause"] {
  if (grant.revokedMs !== undefined) return "grant_revoked";
  if (grant.expiresMs !== undefined && grant.expiresMs <= nowMs) return "grant_expired";
  const entry = servers.get(server);
  if (entry === undefined) return "server_missing";
  return entry.isDisabled ? "server_disabled" : undefined;
}
