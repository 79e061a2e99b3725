import { userInfo } from "node:os";
import type { ControlState, GrantEntry } from "../control/state.ts";
import { accessWithCredentials } from "../control/credentials.ts";
import type { GrantRecord, ServerRecord, Snapshot, TokenRecord } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import type { CompiledPolicy } from "../policy/index.ts";
import type { OperatorRules } from "../config/operator-rules.ts";
import type { ServerShelf } from "./servers.ts";

const organisation = "default";

/** A state as the gateway reads it. A server that cannot be used is left out and logged: nobody reaches it then. */
export function snapshotOf(state: ControlState, rules: OperatorRules, shelf: ServerShelf, logger: Logger): Snapshot {
  const servers = new Map<string, ServerRecord>();
  for (const entry of state.servers.values()) {
    if (entry.isDisabled) continue;
    try {
      const access = accessWithCredentials(entry, state.credentials);
      const mayBePrivate = entry.source === "file" || rules.allowPrivateAddresses;
      servers.set(entry.id, shelf.recordOf({ ...entry.settings, access }, mayBePrivate));
    } catch (error) {
      logger.error({ server: entry.id, error: String(error) }, "a server cannot be used");
    }
  }
  const policies = new Map<string, CompiledPolicy>();
  for (const { id, compiled } of state.policies.values()) {
    if (compiled === undefined) logger.error({ policy: id }, "a policy cannot be loaded: it denies everything");
    else policies.set(id, compiled);
  }
  const grants = new Map<string, GrantRecord>();
  const tokens = new Map<string, TokenRecord>();
  for (const grant of state.grants.values()) {
    if (grant.revokedMs !== undefined) continue;
    grants.set(grant.id, grantRecord(grant));
    for (const { sha256, expiresMs } of grant.tokens) {
      tokens.set(sha256, { kind: "grant", grantId: grant.id, expiresAtMs: expiresMs });
    }
  }
  return { organisation, grants, tokens, localGrant: undefined, servers, policies };
}

function grantRecord({ id, label, owner, tags, servers, showDenied, expiresMs }: GrantEntry): GrantRecord {
  return { id, label, owner, tags, servers, showDenied, expiresAtMs: expiresMs };
}

/** One server for the one client on standard streams, which needs no token: it is this process's user. */
export function localSnapshot(
  server: ServerRecord,
  policyId: string,
  policies: ReadonlyMap<string, CompiledPolicy>,
): Snapshot {
  const localGrant: GrantRecord = {
    id: "local",
    label: "local",
    owner: userInfo().username,
    tags: {},
    servers: new Map([[server.name, policyId]]),
    showDenied: server.showDenied,
    expiresAtMs: undefined,
  };
  return {
    organisation,
    grants: new Map(),
    tokens: new Map(),
    localGrant,
    servers: new Map([[server.name, server]]),
    policies,
  };
}
