import { z } from "zod";
import type { Role } from "../../values/roles.ts";
import { idText, type Page, pageOf, type PageQuery, pageQuery, time } from "./common.ts";
import { role } from "./members.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** Who asks. */
export interface WhoView {
  readonly kind: "member" | "api_token";
  readonly memberId: string | null;
  /** A member's e-mail address, an API token's label. */
  readonly name: string;
  /** What the request may do now. */
  readonly role: Role;
  /** For the header `x-csrf-token` of what a browser changes; null for an API token, which needs none. */
  readonly csrfToken: string | null;
}

const who: z.ZodType<WhoView> = z
  .strictObject({
    kind: z.enum(["member", "api_token"]),
    memberId: z.string().nullable(),
    name: z.string(),
    role,
    csrfToken: z.string().nullable(),
  })
  .meta({ id: "Who" });

/** Who the gateway takes the sender for. */
export const getWho: Operation<{ answer: WhoView }> = {
  id: "getWho",
  method: "GET",
  path: "/session",
  tag: "account",
  summary: "Read who you are here",
  access: "anyone_known",
  params: nothing,
  query: nothing,
  body: noContent,
  answer: who,
  status: 200,
  codes: [],
};

/** A signed-in browser. */
export interface SessionView {
  readonly id: string;
  readonly isThis: boolean;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly createdAt: string;
  readonly seenAt: string;
}

const session: z.ZodType<SessionView> = z
  .strictObject({
    id: z.string(),
    isThis: z.boolean(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: time,
    seenAt: time,
  })
  .meta({ id: "Session" });

/** Where the member who asks is signed in. */
export const listSessions: Operation<{ query: PageQuery; answer: Page<SessionView> }> = {
  id: "listSessions",
  method: "GET",
  path: "/sessions",
  tag: "account",
  summary: "List where you are signed in",
  access: "anyone_known",
  params: nothing,
  query: pageQuery,
  body: noContent,
  answer: pageOf("SessionPage", session),
  status: 200,
  codes: [],
};

/** Names a session. */
export interface SessionParams {
  readonly sessionId: string;
}

/** A session ends. */
export const endSession: Operation<{ params: SessionParams }> = {
  id: "endSession",
  method: "DELETE",
  path: "/sessions/{sessionId}",
  tag: "account",
  summary: "Sign out one of your browsers",
  access: "anyone_known",
  params: z.strictObject({ sessionId: idText }),
  query: nothing,
  body: noContent,
  answer: noContent,
  status: 204,
  codes: ["NOT_FOUND"],
};

/** An API token; the text itself is shown once, when it is made. */
export interface ApiTokenView {
  readonly id: string;
  readonly label: string;
  /** What it may do at most; never more than its member. */
  readonly role: Role;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

/** An API token with its text. */
export interface NewApiTokenView extends ApiTokenView {
  readonly token: string;
}

const apiTokenMembers = {
  id: z.string(),
  label: z.string(),
  role,
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
};

const apiToken: z.ZodType<ApiTokenView> = z.strictObject(apiTokenMembers).meta({ id: "ApiToken" });

const newApiToken: z.ZodType<NewApiTokenView> = z
  .strictObject({ ...apiTokenMembers, token: z.string() })
  .meta({ id: "NewApiToken" });

/** The API tokens of the member who asks. */
export const listApiTokens: Operation<{ query: PageQuery; answer: Page<ApiTokenView> }> = {
  id: "listApiTokens",
  method: "GET",
  path: "/api-tokens",
  tag: "account",
  summary: "List your API tokens",
  access: "anyone_known",
  params: nothing,
  query: pageQuery,
  body: noContent,
  answer: pageOf("ApiTokenPage", apiToken),
  status: 200,
  codes: [],
};

/** What an API token is made with. */
export interface NewApiTokenInput {
  readonly label: string;
  /** Left out, your own. */
  readonly role?: Role;
  /** Left out, 30 days from now; a year at most. */
  readonly expiresAt?: string;
}

/** An API token is made. */
export const createApiToken: Operation<{ body: NewApiTokenInput; answer: NewApiTokenView }> = {
  id: "createApiToken",
  method: "POST",
  path: "/api-tokens",
  tag: "account",
  summary: "Make an API token, in a browser in which you are signed in: it is shown once",
  access: "anyone_known",
  params: nothing,
  query: nothing,
  body: z.strictObject({
    label: z.string().min(1).max(200),
    role: z.exactOptional(role),
    expiresAt: z.exactOptional(time),
  }),
  answer: newApiToken,
  status: 201,
  isRepeatable: "sealed",
  codes: [],
};

/** Names an API token. */
export interface ApiTokenParams {
  readonly tokenId: string;
}

/** An API token ends. */
export const revokeApiToken: Operation<{ params: ApiTokenParams }> = {
  id: "revokeApiToken",
  method: "DELETE",
  path: "/api-tokens/{tokenId}",
  tag: "account",
  summary: "End one of your API tokens",
  access: "anyone_known",
  params: z.strictObject({ tokenId: idText }),
  query: nothing,
  body: noContent,
  answer: noContent,
  status: 204,
  codes: ["NOT_FOUND"],
};

/** Every operation on what members have of their own. */
export const accountOperations: readonly AnyOperation[] = [
  getWho,
  listSessions,
  endSession,
  listApiTokens,
  createApiToken,
  revokeApiToken,
];
