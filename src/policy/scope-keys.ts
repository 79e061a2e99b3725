import type { Call } from "./call.ts";

type MarkScope = "grant" | "owner" | "session";
type Caller = Pick<Call, "organisation" | "grant" | "session">;

/** Pure. Whose earlier calls count for a flow: without an owner or a session, the grant's. */
export function scopeKeyOf(scope: MarkScope, caller: Caller): string {
  if (scope === "owner" && caller.grant.owner !== undefined) return keyOf("owner", caller, caller.grant.owner);
  if (scope === "session" && caller.session !== undefined) return keyOf("session", caller, caller.session);
  return keyOf("grant", caller, caller.grant.id);
}

/** Pure. Every scope a call counts in. */
export function scopeKeysOf(caller: Caller): readonly string[] {
  const keys = [keyOf("grant", caller, caller.grant.id)];
  if (caller.grant.owner !== undefined) keys.push(keyOf("owner", caller, caller.grant.owner));
  if (caller.session !== undefined) keys.push(keyOf("session", caller, caller.session));
  return keys;
}

/** {@link scopeKeysOf} that keeps its last answer: calls of one grant come in runs. */
export function rememberScopeKeys(): (caller: Caller) => readonly string[] {
  let last:
    | readonly [organisation: string, id: string, owner: string | undefined, session: string | undefined]
    | undefined;
  let keys: readonly string[] = [];
  return (caller) => {
    const { organisation, grant, session } = caller;
    if (last?.[0] !== organisation || last[1] !== grant.id || last[2] !== grant.owner || last[3] !== session) {
      last = [organisation, grant.id, grant.owner, session];
      keys = scopeKeysOf(caller);
    }
    return keys;
  };
}

/** The length keeps one organisation's keys apart from another's, whatever their names. */
function keyOf(kind: MarkScope, caller: Caller, value: string): string {
  return `${kind}:${caller.organisation.length}:${caller.organisation}:${value}`;
}
