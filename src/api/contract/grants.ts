import { z } from "zod";
import { idText, type Page, pageMembers, pageOf, type PageQuery, source, time } from "./common.ts";
import { noContent, nothing, type Operation } from "./operation.ts";

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

/** Names a grant. */
export interface GrantParams {
  readonly grantId: string;
}

const grantParams: z.ZodType<GrantParams> = z.strictObject({ grantId: idText });

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
