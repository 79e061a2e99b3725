import type { CompiledPolicy } from "../../policy/index.ts";
import type { Inbound } from "../../transports/transport.ts";
import type { GrantRecord, ServerRecord, Snapshot } from "../snapshot.ts";

/** A known caller: a live grant, the server it addresses, and the policy that judges it there. */
export interface Caller {
  readonly kind: "caller";
  readonly grant: GrantRecord;
  readonly server: ServerRecord;
  /** Undefined: the grant has no policy for this server, every call is denied. */
  readonly policy: CompiledPolicy | undefined;
}

/** A known grant, before any server is named. */
export interface KnownGrant {
  readonly kind: "grant";
  readonly grant: GrantRecord;
}

/** A caller that is turned away. */
export interface UnknownCaller {
  readonly kind: "unknown";
  readonly status: 401 | 404;
  readonly reason: "token_missing" | "token_unknown" | "grant_expired" | "server_not_granted";
  readonly message: string;
  /** The grant, when it was known. */
  readonly grantId: string | undefined;
}

/** Who sends this message, by its token, or by being the local client on stdio. */
export function identify(
  snapshot: Snapshot,
  inbound: Pick<Inbound, "transport" | "tokenSha256" | "server">,
  nowMs: number,
): Caller | UnknownCaller {
  const known = identifyGrant(snapshot, inbound, nowMs);
  if (known.kind === "unknown") return known;
  const { grant } = known;
  const caller = callerAt(snapshot, grant, inbound.server);
  return caller ?? unknown(404, "server_not_granted", "this token does not open a server of that name", grant.id);
}

/** Which live grant sends this message. */
export function identifyGrant(
  snapshot: Snapshot,
  inbound: Pick<Inbound, "transport" | "tokenSha256">,
  nowMs: number,
): KnownGrant | UnknownCaller {
  const grant = inbound.transport === "http" ? grantOfToken(snapshot, inbound.tokenSha256) : snapshot.localGrant;
  if (grant === undefined) {
    const isMissing = inbound.tokenSha256 === undefined;
    return unknown(
      401,
      isMissing ? "token_missing" : "token_unknown",
      isMissing
        ? "send the grant's token as `Authorization: Bearer ...`"
        : "this token is not known here, or was revoked",
    );
  }
  if (grant.expiresAtMs !== undefined && nowMs >= grant.expiresAtMs) {
    return unknown(401, "grant_expired", "this token has expired: ask for a new one", grant.id);
  }
  return { kind: "grant", grant };
}

/** The grant as a caller of one server; undefined when there is no such server, or the grant does not open it. */
export function callerAt(snapshot: Snapshot, grant: GrantRecord, name: string): Caller | undefined {
  const server = snapshot.servers.get(name);
  if (server === undefined || !grant.servers.has(name)) return undefined;
  const policyId = grant.servers.get(server.name);
  const policy = policyId === undefined ? undefined : snapshot.policies.get(policyId);
  return { kind: "caller", grant, server, policy };
}

function grantOfToken(snapshot: Snapshot, tokenSha256: string | undefined): GrantRecord | undefined {
  // The look-up is by digest, so how long it takes says nothing about how much of a guess was right.
  return tokenSha256 === undefined ? undefined : snapshot.grantsByTokenSha256.get(tokenSha256);
}

function unknown(
  status: UnknownCaller["status"],
  reason: UnknownCaller["reason"],
  message: string,
  grantId?: string,
): UnknownCaller {
  return { kind: "unknown", status, reason, message, grantId };
}
