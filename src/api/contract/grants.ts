import { z } from "zod";
import { idText, type Page, pageMembers, pageOf, type PageQuery, source, time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** A grant. Its tokens are shown once, when they are made. */
export interface GrantView {
  readonly id: string;
  readonly label: string;
  readonly owner: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: "file" | "database";
  /** Server id to policy id; null for a server without a policy, where everything is denied. */
  readonly servers: Readonly<Record<string, string | null>>;
  readonly showDenied: boolean;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** The OAuth client that it was made for; null for a minted one. */
  readonly client: string | null;
  readonly lastUsedAt: string | null;
  /** Calls that were let through, and calls that were not. */
  readonly calls: { readonly allowed: number; readonly denied: number };
  readonly createdBy: string | null;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly revision: number;
}

const grant: z.ZodType<GrantView> = z
  .strictObject({
    id: z.string(),
    label: z.string(),
    owner: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    source,
    servers: z.record(z.string(), z.string().nullable()),
    showDenied: z.boolean(),
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
    client: z.string().nullable(),
    lastUsedAt: time.nullable(),
    calls: z.strictObject({ allowed: z.int(), denied: z.int() }),
    createdBy: z.string().nullable(),
    createdAt: time.nullable(),
    updatedAt: time.nullable(),
    revision: z.int(),
  })
  .meta({ id: "Grant" });

/** Ids of servers, each with the policy for it; null for none, which denies everything. */
export type ServerPolicies = Readonly<Record<string, string | null>>;

const label = z.string().min(1).max(200);
const owner = z.string().min(1).max(200);
const tags = z
  .record(
    z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^:]+$/),
    z.string().max(300),
  )
  .refine((value) => Object.keys(value).length <= 50, "a grant has at most 50 tags");
const servers = z
  .record(idText, idText.nullable())
  .refine((value) => Object.keys(value).length <= 500, "a grant opens at most 500 servers");

/** A grant to mint. */
export interface GrantToMint {
  readonly label: string;
  readonly owner?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly servers: ServerPolicies;
  readonly showDenied?: boolean;
  /** Default: as long as the operator's files say. */
  readonly expiresAt?: string;
}

const grantToMint: z.ZodType<GrantToMint> = z
  .strictObject({
    label,
    owner: z.exactOptional(owner),
    tags: z.exactOptional(tags),
    servers,
    showDenied: z.exactOptional(z.boolean()),
    expiresAt: z.exactOptional(time),
  })
  .meta({ id: "GrantToMint" });

/** What changes of a grant; members left out stay. `servers` replaces all of them. */
export interface GrantToEdit {
  readonly label?: string;
  readonly owner?: string | null;
  readonly tags?: Readonly<Record<string, string>>;
  readonly servers?: ServerPolicies;
  readonly showDenied?: boolean;
  readonly expiresAt?: string;
}

const grantToEdit: z.ZodType<GrantToEdit> = z
  .strictObject({
    label: z.exactOptional(label),
    owner: z.exactOptional(owner.nullable()),
    tags: z.exactOptional(tags),
    servers: z.exactOptional(servers),
    showDenied: z.exactOptional(z.boolean()),
    expiresAt: z.exactOptional(time),
  })
  .meta({ id: "GrantToEdit" });

/** A grant with a token that is shown now and never again. */
export interface GrantWithTokenView {
  readonly grant: GrantView;
  readonly token: string;
}

const grantWithToken: z.ZodType<GrantWithTokenView> = z
  .strictObject({ grant, token: z.string() })
  .meta({ id: "GrantWithToken" });

/** Names a grant. */
export interface GrantParams {
  readonly grantId: string;
}

/** The path's part that names a grant. */
export const grantParams: z.ZodType<GrantParams> = z.strictObject({ grantId: idText });

/** Which grants are asked for; members left out ask for all. */
export interface GrantQuery extends PageQuery {
  readonly owner?: string;
  /** `name:value`. */
  readonly tag?: string;
  readonly server?: string;
}

const grantQuery: z.ZodType<GrantQuery> = z.strictObject({
  ...pageMembers,
  owner: z.exactOptional(z.string().max(200)),
  tag: z.exactOptional(
    z
      .string()
      .max(400)
      .regex(/^[^:]+:/),
  ),
  server: z.exactOptional(idText),
});

/** All grants. */
export const listGrants: Operation<{ query: GrantQuery; answer: Page<GrantView> }> = {
  id: "listGrants",
  method: "GET",
  path: "/grants",
  tag: "grants",
  summary: "List the grants, by id",
  access: "grants.read",
  params: nothing,
  query: grantQuery,
  body: noContent,
  answer: pageOf("GrantPage", grant),
  status: 200,
  codes: [],
};

/** One grant. */
export const getGrant: Operation<{ params: GrantParams; answer: GrantView }> = {
  id: "getGrant",
  method: "GET",
  path: "/grants/{grantId}",
  tag: "grants",
  summary: "Read a grant",
  access: "grants.read",
  params: grantParams,
  query: nothing,
  body: noContent,
  answer: grant,
  status: 200,
  revision: "shown",
  codes: ["NOT_FOUND"],
};

/** A new grant. */
export const mintGrant: Operation<{ body: GrantToMint; answer: GrantWithTokenView }> = {
  id: "mintGrant",
  method: "POST",
  path: "/grants",
  tag: "grants",
  summary: "Make a grant; its token is in this answer and never shown again",
  access: "grants.mint",
  params: nothing,
  query: nothing,
  body: grantToMint,
  answer: grantWithToken,
  status: 201,
  revision: "shown",
  isRepeatable: "sealed",
  codes: [],
};

/** A grant's label, owner, tags, servers and end. */
export const editGrant: Operation<{ params: GrantParams; body: GrantToEdit; answer: GrantView }> = {
  id: "editGrant",
  method: "PATCH",
  path: "/grants/{grantId}",
  tag: "grants",
  summary: "Change a grant; a role that does not mint may change the policies of its servers and nothing else",
  access: "grants.attach",
  params: grantParams,
  query: nothing,
  body: grantToEdit,
  answer: grant,
  status: 200,
  revision: "demanded",
  codes: ["NOT_FOUND", "READ_ONLY"],
};

/** How a grant's token is replaced. */
export interface Rotation {
  /** How long the old tokens work on, milliseconds, at most a week; 0: they fail with the next request. */
  readonly overlapMs: number;
}

/** A grant's next token. */
export const rotateGrant: Operation<{ params: GrantParams; body: Rotation; answer: GrantWithTokenView }> = {
  id: "rotateGrant",
  method: "POST",
  path: "/grants/{grantId}/rotate",
  tag: "grants",
  summary: "Give a grant a new token, which is in this answer and never shown again",
  access: "grants.mint",
  params: grantParams,
  query: nothing,
  body: z.strictObject({ overlapMs: z.int().min(0).max(604_800_000) }).meta({ id: "Rotation" }),
  answer: grantWithToken,
  status: 200,
  revision: "shown",
  isRepeatable: "sealed",
  codes: ["NOT_FOUND", "READ_ONLY"],
};

/** A grant, ended. */
export const revokeGrant: Operation<{ params: GrantParams; answer: GrantView }> = {
  id: "revokeGrant",
  method: "POST",
  path: "/grants/{grantId}/revoke",
  tag: "grants",
  summary: "End a grant for good, with its next request; a second time changes nothing",
  access: "grants.mint",
  params: grantParams,
  query: nothing,
  body: noContent,
  answer: grant,
  status: 200,
  revision: "shown",
  codes: ["NOT_FOUND", "READ_ONLY"],
};

/** Whose grants are ended. */
export interface OwnerToRevoke {
  readonly owner: string;
}

/** What was ended. */
export interface RevokedGrants {
  readonly revoked: readonly string[];
  /** Those of the operator's files, which are ended there. */
  readonly readOnly: readonly string[];
}

/** All grants of one owner, ended. */
export const revokeGrantsOfOwner: Operation<{ body: OwnerToRevoke; answer: RevokedGrants }> = {
  id: "revokeGrantsOfOwner",
  method: "POST",
  path: "/grants/revoke",
  tag: "grants",
  summary: "End all grants of one owner, on whatever servers, in one step",
  access: "grants.mint",
  params: nothing,
  query: nothing,
  body: z.strictObject({ owner }).meta({ id: "OwnerToRevoke" }),
  answer: z.strictObject({ revoked: z.array(z.string()), readOnly: z.array(z.string()) }).meta({ id: "RevokedGrants" }),
  status: 200,
  codes: [],
};

/** The operations of this file. */
export const grantOperations: readonly AnyOperation[] = [
  listGrants,
  getGrant,
  mintGrant,
  editGrant,
  rotateGrant,
  revokeGrant,
  revokeGrantsOfOwner,
];
