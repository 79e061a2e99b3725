import type { CompiledPolicy } from "../policy/index.ts";
import type { Pinning } from "../definitions/pinning.ts";
import type { Upstream } from "../transports/transport.ts";

/** A grant: who may reach which servers under which policy. */
export interface GrantRecord {
  readonly id: string;
  readonly label: string;
  readonly owner: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Server name to policy id; `undefined` for a server without a policy, where every call is denied. */
  readonly servers: ReadonlyMap<string, string | undefined>;
  /** By name: the servers at which it has credentials of its own, in place of {@link Snapshot.servers}. Left out: none. */
  readonly ownServers?: ReadonlyMap<string, ServerRecord>;
  /** Whether tools that this grant can never call stay in its lists. */
  readonly showDenied: boolean;
  /** Milliseconds since 1970; undefined for a grant that does not expire. */
  readonly expiresAtMs: number | undefined;
}

/** What a bearer token opens. */
export interface TokenRecord {
  /** A token of the grant's own, or an OAuth access token, which its client renews by itself while the grant lives. */
  readonly kind: "grant" | "access";
  readonly grantId: string;
  /** Milliseconds since 1970; undefined for as long as the grant lives. */
  readonly expiresAtMs: number | undefined;
  /** The one server whose address it opens (RFC 8707 §2); left out for every address that its grant opens. */
  readonly server?: string;
}

/** A server the gateway stands in front of. Time-outs in milliseconds. */
export interface ServerRecord {
  readonly name: string;
  readonly upstream: Upstream;
  /**
   * The gateway's credentials at this server, which nothing that it says may show to a client. The list stays, what is in
   * it changes when tokens are renewed.
   */
  readonly secrets: readonly string[];
  /** How its definitions are held against what was reviewed; left out where nobody reviews. */
  readonly pinning?: Pinning;
  /** How long the server may take from its start to its first answer. */
  readonly startTimeoutMs: number;
  /** How long a call may stay without an answer or progress. */
  readonly callTimeoutMs: number;
  /** How long a call may take in all, whatever progress it makes. */
  readonly callDeadlineMs: number;
  /** How long a session or connection may stay unused before it is ended; a local client's never is. */
  readonly idleTimeoutMs: number;
  readonly showDenied: boolean;
}

/** The configuration of one moment. Never changed, only replaced whole: a call uses one snapshot from start to end. */
export interface Snapshot {
  readonly organisation: string;
  /** The grants that are not revoked, by id. */
  readonly grants: Pick<ReadonlyMap<string, GrantRecord>, "get">;
  /** By the token's SHA-256 in lower-case hex. */
  readonly tokens: Pick<ReadonlyMap<string, TokenRecord>, "get">;
  /** The one implicit grant of `callgate run`; undefined in `serve`. */
  readonly localGrant: GrantRecord | undefined;
  readonly servers: ReadonlyMap<string, ServerRecord>;
  readonly policies: ReadonlyMap<string, CompiledPolicy>;
}
