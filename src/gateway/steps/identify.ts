import type { CompiledPolicy } from "../../policy/index.ts";
import { everyServer, type Inbound } from "../../transports/transport.ts";
import type { GrantRecord, ServerRecord, Snapshot, TokenRecord } from "../snapshot.ts";

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
  readonly reason:
    | "token_missing"
    | "token_unknown"
    | "token_expired"
    | "grant_expired"
    | "token_elsewhere"
    | "server_not_granted";
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
  inbound: Pick<Inbound, "transport" | "tokenSha256" | "server">,
  nowMs: number,
): KnownGrant | UnknownCaller {
  const token = inbound.transport === "http" ? tokenOf(snapshot, inbound.tokenSha256) : undefined;
  if (isOver(token?.expiresAtMs, nowMs)) {
    return unknown(401, "token_expired", "this token has expired: renew it", token?.grantId);
  }
  const grant = inbound.transport === "http" ? snapshot.grants.get(token?.grantId ?? "") : snapshot.localGrant;
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
  if (isOver(grant.expiresAtMs, nowMs)) {
    return unknown(401, "grant_expired", "this token has expired: ask for a new one", grant.id);
  }
  if (token?.server !== undefined && token.server !== inbound.server) {
    return unknown(401, "token_elsewhere", "this token was issued for another address: ask for one here", grant.id);
  }
  return { kind: "grant", grant };
}

/** What is known of a grant's token that opens any server: whether it does now. Undefined when it is no such token. */
export function grantTokenAt(
  snapshot: Snapshot,
  tokenSha256: string,
  nowMs: number,
): { readonly isLive: boolean } | undefined {
  if (tokenOf(snapshot, tokenSha256)?.kind !== "grant") return undefined;
  const inbound = { transport: "http", tokenSha256, server: everyServer } as const;
  return { isLive: identifyGrant(snapshot, inbound, nowMs).kind === "grant" };
}

/** Who opened something that lasts: a session, a stream. */
export interface Holder {
  readonly transport: Inbound["transport"];
  readonly grantId: string;
  /** The grant's own tokens that were shown for it so far; access tokens come and go and are not among them. */
  readonly tokens: Set<string>;
}

/** A grant as the holder of what a message of its client opens or uses. */
export function holderOf(
  snapshot: Snapshot,
  grant: GrantRecord,
  { transport, tokenSha256 }: Pick<Inbound, "transport" | "tokenSha256">,
): Holder {
  const isLasting = tokenSha256 !== undefined && tokenOf(snapshot, tokenSha256)?.kind === "grant";
  return { transport, grantId: grant.id, tokens: new Set(isLasting ? [tokenSha256] : []) };
}

/** Notes that something was used with further tokens. */
export function noteTokens(holder: Holder, { tokens }: Holder): void {
  for (const token of tokens) holder.tokens.add(token);
}

/** The grant of a holder; undefined once it was revoked or has expired, or one of its tokens is no more. */
export function grantOfHolder(snapshot: Snapshot, holder: Holder, nowMs: number): GrantRecord | undefined {
  if (holder.transport !== "http") return snapshot.localGrant;
  const grant = snapshot.grants.get(holder.grantId);
  if (grant === undefined || isOver(grant.expiresAtMs, nowMs)) return undefined;
  for (const sha256 of holder.tokens) {
    const token = snapshot.tokens.get(sha256);
    if (token === undefined || isOver(token.expiresAtMs, nowMs)) return undefined;
  }
  return grant;
}

/** The grant as a caller of one server; undefined when there is no such server, or the grant does not open it. */
export function callerAt(snapshot: Snapshot, grant: GrantRecord, name: string): Caller | undefined {
  const server = grant.ownServers?.get(name) ?? snapshot.servers.get(name);
  if (server === undefined || !grant.servers.has(name)) return undefined;
  const policyId = grant.servers.get(server.name);
  const policy = policyId === undefined ? undefined : snapshot.policies.get(policyId);
  return { kind: "caller", grant, server, policy };
}

function tokenOf(snapshot: Snapshot, tokenSha256: string | undefined): TokenRecord | undefined {
  // The look-up is by digest, so how long it takes says nothing about how much of a guess was right.
  return tokenSha256 === undefined ? undefined : snapshot.tokens.get(tokenSha256);
}

function isOver(expiresAtMs: number | undefined, nowMs: number): boolean {
  return expiresAtMs !== undefined && nowMs >= expiresAtMs;
}

function unknown(
  status: UnknownCaller["status"],
  reason: UnknownCaller["reason"],
  message: string,
  grantId?: string,
): UnknownCaller {
  return { kind: "unknown", status, reason, message, grantId };
}
