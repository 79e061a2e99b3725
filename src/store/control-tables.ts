import type { Generated } from "kysely";
import type { Role } from "../values/roles.ts";

/**
 * The tables of what people administer, one set for SQLite and PostgreSQL: texts and whole numbers only. Members that
 * hold JSON say so; moments are milliseconds since 1970; digests are SHA-256 in lower-case hex.
 */
export interface ControlTables {
  /** One row. `revision` rises with every change of what calls are judged by, so that each process sees that there was one. */
  readonly control: { id: 1; install_id: string; revision: number };
  readonly organisations: OrganisationRow;
  readonly members: MemberRow;
  readonly invitations: InvitationRow;
  readonly sessions: SessionRow;
  readonly api_tokens: ApiTokenRow;
  readonly servers: ServerRow;
  readonly tool_lists: ToolListRow;
  readonly tool_definitions: ToolDefinitionRow;
  readonly tool_reviews: ToolReviewRow;
  readonly policies: PolicyRow;
  readonly policy_versions: PolicyVersionRow;
  readonly grants: GrantRow;
  readonly grant_servers: { grant_id: string; server: string; policy_id: string | null };
  readonly grant_tokens: GrantTokenRow;
  readonly grant_usage: { grant_id: string; last_used_ms: number; allowed: number; denied: number };
  readonly secrets: SecretRow;
  readonly upstream_connections: UpstreamConnectionRow;
  readonly sealed_values: SealedValueRow;
  readonly oauth_objects: OAuthObjectRow;
  readonly idempotency_keys: IdempotencyRow;
  readonly admin_events: AdminEventRow;
}

/** 0 or 1. */
export type Flag = 0 | 1;

/** The one organisation of an installation. */
export interface OrganisationRow {
  id: string;
  name: string;
  created_ms: number;
  revision: number;
}

/** A person who administers. */
export interface MemberRow {
  id: string;
  /** Lower case. */
  email: string;
  name: string;
  role: Role;
  /** PHC string; null for who signs in by OpenID Connect only. */
  password_hash: string | null;
  /** Issuer and `sub`, joined by a space. */
  oidc_subject: string | null;
  created_ms: number;
  last_seen_ms: number | null;
  revision: number;
}

/** A link that makes a member, once. */
export interface InvitationRow {
  id: string;
  token_sha256: string;
  kind: "setup" | "invitation";
  /** The only address that may accept it; null for anybody with the link. */
  email: string | null;
  role: Role;
  created_by: string | null;
  created_ms: number;
  expires_ms: number;
}

/** A signed-in browser. */
export interface SessionRow {
  id_sha256: string;
  member_id: string;
  csrf_token: string;
  created_ms: number;
  seen_ms: number;
  address: string | null;
  user_agent: string | null;
}

/** A member's token for the HTTP API and the command line. */
export interface ApiTokenRow {
  id: string;
  token_sha256: string;
  member_id: string;
  label: string;
  /** What the token may do; never more than its member at that moment. */
  role: Role;
  created_ms: number;
  expires_ms: number | null;
  last_used_ms: number | null;
}

/** A registered server. */
export interface ServerRow {
  /** Its name in addresses, lists and counters; never changes. */
  id: string;
  title: string;
  /** JSON, as `ServerAccess` without a secret value. */
  access: string;
  /** JSON: time-outs and `showDenied`. */
  settings: string;
  is_disabled: Flag;
  created_ms: number;
  updated_ms: number;
  revision: number;
}

/** What a server's `tools/list` last answered. */
export interface ToolListRow {
  server: string;
  fetched_ms: number;
  /** Over the canonical form of the list. */
  sha256: string;
  /** JSON: the definitions as the server gave them, in its order. */
  tools: string;
}

/** A definition of a tool that a server listed. */
export interface ToolDefinitionRow {
  server: string;
  tool: string;
  /** As `src/definitions/definition-digest.ts` makes it. */
  sha256: string;
  /** JSON, as listed. */
  definition: string;
  first_seen_ms: number;
  last_seen_ms: number;
}

/** In the place of a digest, of no tool: every review of the server may be withdrawn, but there were some. */
export const withdrawnSha256 = "";

/** A definition that somebody looked at and accepted. */
export interface ToolReviewRow {
  server: string;
  tool: string;
  sha256: string;
  category: string;
  /** JSON list of signals. */
  signals: string;
  note: string;
  reviewed_by: string;
  reviewed_ms: number;
}

/** A policy; what it says is in its versions. */
export interface PolicyRow {
  id: string;
  title: string;
  /** The version in force. */
  version: number;
  created_ms: number;
  updated_ms: number;
  revision: number;
}

/** One version of a policy. Never changed. */
export interface PolicyVersionRow {
  policy_id: string;
  /** From 1, without gaps. */
  version: number;
  sha256: string;
  /** The text as it was saved. */
  document: string;
  note: string;
  created_by: string;
  created_ms: number;
}

/** A grant; its tokens and servers are in tables of their own. */
export interface GrantRow {
  id: string;
  label: string;
  owner: string | null;
  /** JSON object of texts. */
  tags: string;
  expires_ms: number | null;
  show_denied: Flag;
  revoked_ms: number | null;
  /** The OAuth client that it was made for by consent; null for a minted one. */
  client: string | null;
  created_by: string;
  created_ms: number;
  updated_ms: number;
  revision: number;
}

/** A token of a grant. There are two while a rotation overlaps. */
export interface GrantTokenRow {
  token_sha256: string;
  grant_id: string;
  created_ms: number;
  /** When it stops; null for as long as the grant lives. */
  expires_ms: number | null;
}

/** A sealed credential for a server. */
export interface SecretRow {
  id: string;
  server: string;
  /** `""` for all grants. */
  grant_id: string;
  kind: "header" | "environment" | "oauth";
  /** The header's or variable's name, or what of OAuth it is. */
  name: string;
  /** The origin (scheme, host, port) or command that it was entered for; it goes nowhere else. */
  origin: string;
  /** Rises each time the value is replaced. */
  version: number;
  sealed: string;
  /** The e-mail address, or the name of whoever else entered it. */
  set_by: string;
  created_ms: number;
  updated_ms: number;
}

/** How a server's OAuth connection stands. */
export interface UpstreamConnectionRow {
  server: string;
  /** `""` for all grants. */
  grant_id: string;
  status: "connected" | "failing" | "consent_needed";
  issuer: string;
  scope: string;
  /** What is wrong and what to do. */
  problem: string | null;
  expires_ms: number | null;
  connected_by: string;
  /** Until when one process has the right to renew the tokens; 0 when none has. */
  renewing_until_ms: number;
  updated_ms: number;
}

/** A secret of the gateway's own: signing keys, verifiers of a sign-in under way. */
export interface SealedValueRow {
  id: string;
  sealed: string;
  version: number;
  expires_ms: number | null;
}

/** An object of the authorization server. */
export interface OAuthObjectRow {
  model: string;
  id_sha256: string;
  /** The authorization that it belongs to. */
  grant_key: string | null;
  uid: string | null;
  user_code: string | null;
  /** JSON without the values of tokens and codes. */
  payload: string;
  consumed_ms: number | null;
  expires_ms: number | null;
}

/** The answer to a request that may come again. */
export interface IdempotencyRow {
  /** Kind and id: a member and an API token of theirs are two. */
  actor: string;
  key: string;
  request_sha256: string;
  /** 0: begun and not ended, 1: ended. */
  status: number;
  /** JSON, sealed when it holds a secret; `""` until it has ended. */
  answer: string;
  created_ms: number;
}

/** Who changed what. Never changed. */
export interface AdminEventRow {
  sequence: Generated<number>;
  id: string;
  time_ms: number;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  address: string | null;
  /** `grant.create`, `policy.save`, ... */
  action: string;
  object_kind: string;
  object_id: string;
  /** JSON, secrets masked; null when there was nothing. */
  before: string | null;
  after: string | null;
}
