import { userInfo } from "node:os";
import { type ControlState, type GrantEntry, organisationId, type ServerEntry } from "../control/state.ts";
import { commandFault } from "../control/approved-command.ts";
import { accessWithCredentials, credentialsAt, credentialsByPlace } from "../control/credentials.ts";
import type { GrantRecord, ServerRecord, Snapshot, TokenRecord } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import type { CompiledPolicy } from "../policy/index.ts";
import type { OperatorRules } from "../config/operator-rules.ts";
import type { ServerShelf } from "./servers.ts";

/** A state as the gateway reads it. A server that cannot be used is logged, and calls of it say so. */
export function snapshotOf(state: ControlState, rules: OperatorRules, shelf: ServerShelf, logger: Logger): Snapshot {
  const { recordAt, done } = recordsOf(state, rules, shelf, logger);
  const servers = new Map<string, ServerRecord>();
  for (const entry of state.servers.values()) {
    const record = recordAt(entry, undefined);
    if (record !== undefined) servers.set(entry.id, record);
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
    grants.set(grant.id, grantRecord(grant, state, recordAt));
    for (const { sha256, expiresMs } of grant.tokens) {
      tokens.set(sha256, { kind: "grant", grantId: grant.id, expiresAtMs: expiresMs });
    }
  }
  done();
  return { organisation: organisationId, grants, tokens, localGrant: undefined, servers, policies };
}

/** The record of a server for all grants, or for one; undefined when that has no credentials of its own there. */
type RecordAt = (entry: ServerEntry, grantId: string | undefined) => ServerRecord | undefined;

const unusable = "a server cannot be used";

function recordsOf(
  state: ControlState,
  rules: OperatorRules,
  shelf: ServerShelf,
  logger: Logger,
): { readonly recordAt: RecordAt; readonly done: () => void } {
  const places = credentialsByPlace(state.credentials);
  const { recordOf, done } = shelf.begin();
  const recordAt: RecordAt = (entry, grantId) => {
    const entries = credentialsAt(places, entry.id, grantId);
    if (entry.isDisabled || (grantId !== undefined && entries.length === 0)) return undefined;
    const { access, ...found } = accessWithCredentials(entry, entries);
    // The operator may have taken a permission back since: nothing of before runs on.
    const fault = commandFault(rules, entry, entries) ?? found.fault;
    const credentials = { ...found, fault };
    if (fault !== undefined) logger.error({ server: entry.id, grant: grantId, reason: fault }, unusable);
    const mayBePrivate = entry.source === "file" || rules.allowPrivateAddresses;
    // Reviews come and go without a server having to start anew.
    const { pin, ...settings } = entry.settings;
    const server = { settings: { ...settings, access }, mayBePrivate, grantId, credentials };
    const pinned = (record: ServerRecord): ServerRecord =>
      shelf.pins.pin(record, pin, state.reviews.get(entry.id), state.quarantined.get(entry.id));
    try {
      return pinned(recordOf(server));
    } catch (error) {
      logger.error({ server: entry.id, grant: grantId, error: String(error) }, unusable);
      // Not left out: a grant that has its own credentials here must not come to use those of all grants.
      return pinned(
        recordOf({ ...server, credentials: { ...credentials, fault: "its address or a header cannot be used" } }),
      );
    }
  };
  return { recordAt, done };
}

function grantRecord(grant: GrantEntry, state: ControlState, recordAt: RecordAt): GrantRecord {
  const { id, label, owner, tags, servers, showDenied, expiresMs } = grant;
  const own = [...servers.keys()].flatMap((name) => {
    const entry = state.servers.get(name);
    const record = entry === undefined ? undefined : recordAt(entry, id);
    return record === undefined ? [] : [[name, record] as const];
  });
  const ownServers = own.length === 0 ? {} : { ownServers: new Map(own) };
  return { id, label, owner, tags, servers, ...ownServers, showDenied, expiresAtMs: expiresMs };
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
    organisation: organisationId,
    grants: new Map(),
    tokens: new Map(),
    localGrant,
    servers: new Map([[server.name, server]]),
    policies,
  };
}
