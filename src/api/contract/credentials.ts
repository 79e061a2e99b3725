import { z } from "zod";
import { idText, time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";
import { type ServerParams, serverParams } from "./servers.ts";

/** A credential without its value, which is never shown. */
export interface CredentialBody {
  /** The grant that has it of its own; null for all grants. */
  readonly grantId: string | null;
  readonly kind: "header" | "environment";
  readonly name: string;
  readonly origin: string;
  readonly status: "ready" | "other_address" | "unreadable";
  readonly setBy: string;
  readonly setAt: string;
}

/** An OAuth connection without its tokens. */
export interface ConnectionBody {
  readonly grantId: string | null;
  readonly issuer: string;
  readonly scope: string;
  readonly status: "connected" | "failing" | "consent_needed" | "other_address" | "unreadable";
  readonly problem: string | null;
  readonly expiresAt: string | null;
  readonly connectedBy: string;
  readonly updatedAt: string;
}

/** The client that the gateway is at a server's authorization server, without its secret. */
export interface OAuthClientBody {
  readonly issuer: string;
  readonly clientId: string;
  readonly kind: "entered" | "registered" | "document";
  readonly hasSecret: boolean;
  readonly setBy: string;
  readonly setAt: string;
}

/** All that is stored of how the gateway is known at a server. */
export interface CredentialsBody {
  readonly credentials: readonly CredentialBody[];
  readonly connections: readonly ConnectionBody[];
  readonly client: OAuthClientBody | null;
}

/** For which grant: left out for all. */
export interface GrantQuery {
  readonly grantId?: string;
}

const grantId = idText.nullable();
const credentials: z.ZodType<CredentialsBody> = z
  .strictObject({
    credentials: z.array(
      z.strictObject({
        grantId,
        kind: z.enum(["header", "environment"]),
        name: z.string(),
        origin: z.string(),
        status: z.enum(["ready", "other_address", "unreadable"]),
        setBy: z.string(),
        setAt: time,
      }),
    ),
    connections: z.array(
      z.strictObject({
        grantId,
        issuer: z.string(),
        scope: z.string(),
        status: z.enum(["connected", "failing", "consent_needed", "other_address", "unreadable"]),
        problem: z.string().nullable(),
        expiresAt: time.nullable(),
        connectedBy: z.string(),
        updatedAt: time,
      }),
    ),
    client: z
      .strictObject({
        issuer: z.string(),
        clientId: z.string(),
        kind: z.enum(["entered", "registered", "document"]),
        hasSecret: z.boolean(),
        setBy: z.string(),
        setAt: time,
      })
      .nullable(),
  })
  .meta({ id: "ServerCredentials" });

const grantQuery: z.ZodType<GrantQuery> = z.strictObject({ grantId: z.exactOptional(idText) });

/** Names a credential of a server. */
export interface CredentialParams extends ServerParams {
  readonly kind: "header" | "environment";
  readonly name: string;
}

const credentialParams: z.ZodType<CredentialParams> = z.strictObject({
  serverId: idText,
  kind: z.enum(["header", "environment"]),
  name: z.string().min(1).max(200),
});

const tag = "credentials";

/** How the gateway is known at a server. */
export const getCredentials: Operation<{ params: ServerParams; query: GrantQuery; answer: CredentialsBody }> = {
  id: "getCredentials",
  method: "GET",
  path: "/servers/{serverId}/credentials",
  tag,
  summary:
    "Read a server's credentials and OAuth connections, without their values: all, or those of a grant of one's own",
  access: "anyone_known",
  params: serverParams,
  query: grantQuery,
  body: noContent,
  answer: credentials,
  status: 200,
  codes: ["NOT_FOUND"],
};

/** Enters or replaces a credential. */
export const putCredential: Operation<{
  params: CredentialParams;
  query: GrantQuery;
  body: { readonly value: string };
}> = {
  id: "putCredential",
  method: "PUT",
  path: "/servers/{serverId}/credentials/{kind}/{name}",
  tag,
  summary: "Enter a credential, for all grants or for one; who owns that grant may too",
  access: "anyone_known",
  params: credentialParams,
  query: grantQuery,
  body: z.strictObject({ value: z.string().min(1).max(32_768) }),
  answer: noContent,
  status: 204,
  codes: ["FORBIDDEN", "NOT_FOUND"],
};

/** Removes a credential. */
export const deleteCredential: Operation<{ params: CredentialParams; query: GrantQuery }> = {
  id: "deleteCredential",
  method: "DELETE",
  path: "/servers/{serverId}/credentials/{kind}/{name}",
  tag,
  summary: "Remove a credential",
  access: "anyone_known",
  params: credentialParams,
  query: grantQuery,
  body: noContent,
  answer: noContent,
  status: 204,
  codes: ["FORBIDDEN", "NOT_FOUND"],
};

/** Begins to connect a server by OAuth. */
export const connectServer: Operation<{
  params: ServerParams;
  query: GrantQuery;
  answer: { readonly url: string; readonly expiresAt: string };
}> = {
  id: "connectServer",
  method: "POST",
  path: "/servers/{serverId}/connection",
  tag,
  summary:
    "Begin to connect a server by OAuth: the same member opens the address in a browser where they are signed in",
  access: "anyone_known",
  params: serverParams,
  query: grantQuery,
  body: noContent,
  answer: z.strictObject({ url: z.string(), expiresAt: time }).meta({ id: "ConnectionStart" }),
  status: 201,
  codes: ["FORBIDDEN", "NOT_FOUND", "OAUTH_CONNECT_FAILED"],
};

/** Ends an OAuth connection. */
export const disconnectServer: Operation<{
  params: ServerParams;
  query: GrantQuery;
  answer: { readonly isRevoked: boolean };
}> = {
  id: "disconnectServer",
  method: "DELETE",
  path: "/servers/{serverId}/connection",
  tag,
  summary: "End an OAuth connection; `isRevoked` tells whether the tokens were revoked at the authorization server too",
  access: "anyone_known",
  params: serverParams,
  query: grantQuery,
  body: noContent,
  answer: z.strictObject({ isRevoked: z.boolean() }).meta({ id: "ConnectionEnd" }),
  status: 200,
  codes: ["FORBIDDEN", "NOT_FOUND"],
};

/** Enters the OAuth client that somebody made for the gateway. */
export const putOAuthClient: Operation<{
  params: ServerParams;
  body: { readonly clientId: string; readonly clientSecret?: string };
}> = {
  id: "putOAuthClient",
  method: "PUT",
  path: "/servers/{serverId}/oauth-client",
  tag,
  summary: "Enter the OAuth client that was made by hand at the server's authorization server",
  access: "credentials.write",
  params: serverParams,
  query: nothing,
  body: z.strictObject({
    clientId: z.string().min(1).max(2_000),
    clientSecret: z.exactOptional(z.string().min(1).max(4_000)),
  }),
  answer: noContent,
  status: 204,
  codes: ["NOT_FOUND", "OAUTH_CONNECT_FAILED"],
};

/** Forgets it. */
export const deleteOAuthClient: Operation<{ params: ServerParams }> = {
  id: "deleteOAuthClient",
  method: "DELETE",
  path: "/servers/{serverId}/oauth-client",
  tag,
  summary: "Forget the OAuth client of a server; connections that were made with it go on",
  access: "credentials.write",
  params: serverParams,
  query: nothing,
  body: noContent,
  answer: noContent,
  status: 204,
  codes: ["NOT_FOUND"],
};

/** All of them. */
export const credentialOperations: readonly AnyOperation[] = [
  getCredentials,
  putCredential,
  deleteCredential,
  connectServer,
  disconnectServer,
  putOAuthClient,
  deleteOAuthClient,
];
