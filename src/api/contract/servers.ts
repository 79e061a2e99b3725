import { z } from "zod";
import { idText, type Page, pageOf, type PageQuery, pageQuery, source, time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** How a server is reached, without a secret. */
export type ServerAccessView =
  | { readonly kind: "url"; readonly url: string; readonly transport: "streamable-http" | "sse" }
  | { readonly kind: "command"; readonly command: string; readonly args: readonly string[] };

const urlAccess = z.strictObject({
  kind: z.literal("url"),
  url: z.string().min(1).max(2_000),
  transport: z.enum(["streamable-http", "sse"]),
});
const commandAccess = z.strictObject({
  kind: z.literal("command"),
  command: z.string().min(1).max(1_000),
  args: z.array(z.string().max(4_000)).max(200),
});

/** An address, or a command that the operator's files allow word for word. */
export const serverAccess: z.ZodType<ServerAccessView> = z
  .discriminatedUnion("kind", [urlAccess, commandAccess])
  .meta({ id: "ServerAccess" });

/** What is still to be done before agents can use a server. */
export const setupSteps = [
  "enable",
  "enter_credentials",
  "fetch_tools",
  "review_tools",
  "mint_grant",
  "attach_policy",
] as const;

/** One of {@link setupSteps}. */
export type SetupStep = (typeof setupSteps)[number];

/** How a server is used. Times in milliseconds. */
export interface ServerSettingsView {
  readonly startTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly callDeadlineMs: number;
  readonly idleTimeoutMs: number;
  /** Whether tools that a grant can never call stay in its lists. */
  readonly showDenied: boolean;
  /** What is done about tools that are not as reviewed, once something was. */
  readonly pinMode: "off" | "warn" | "block";
  /** Patterns in RE2 syntax of what may change in descriptions without a review. */
  readonly volatileText: readonly string[];
}

/** A server. */
export interface ServerView {
  readonly id: string;
  readonly title: string;
  readonly source: "file" | "database";
  /** Where clients reach it through the gateway. */
  readonly proxyUrl: string;
  readonly access: ServerAccessView;
  /** How the gateway shows itself to the server. */
  readonly authMode: "none" | "headers" | "environment" | "oauth";
  /** Why it cannot be called with the credentials of all grants, and what to do. */
  readonly problem: string | null;
  readonly isDisabled: boolean;
  readonly settings: ServerSettingsView;
  /** Ids of the grants that open it. */
  readonly grants: readonly string[];
  /** Ids of the policies that those grants have for it. */
  readonly policies: readonly string[];
  readonly missingSteps: readonly SetupStep[];
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly revision: number;
}

const durationMs = z.int().min(1).max(86_400_000);
const pinMode = z.enum(["off", "warn", "block"]);
const title = z.string().min(1).max(200);

const serverView: z.ZodType<ServerView> = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    source,
    proxyUrl: z.string(),
    access: serverAccess,
    authMode: z.enum(["none", "headers", "environment", "oauth"]),
    problem: z.string().nullable(),
    isDisabled: z.boolean(),
    settings: z.strictObject({
      startTimeoutMs: z.number(),
      callTimeoutMs: z.number(),
      callDeadlineMs: z.number(),
      idleTimeoutMs: z.number(),
      showDenied: z.boolean(),
      pinMode,
      volatileText: z.array(z.string()),
    }),
    grants: z.array(z.string()),
    policies: z.array(z.string()),
    missingSteps: z.array(z.enum(setupSteps)),
    createdAt: time.nullable(),
    updatedAt: time.nullable(),
    revision: z.int(),
  })
  .meta({ id: "Server" });

const settingsToSet: z.ZodType<Partial<ServerSettingsView>> = z
  .strictObject({
    startTimeoutMs: z.exactOptional(durationMs),
    callTimeoutMs: z.exactOptional(durationMs),
    callDeadlineMs: z.exactOptional(durationMs),
    idleTimeoutMs: z.exactOptional(durationMs),
    showDenied: z.exactOptional(z.boolean()),
    pinMode: z.exactOptional(pinMode),
    volatileText: z.exactOptional(z.array(z.string().min(1).max(500)).max(50)),
  })
  .meta({ id: "ServerSettingsToSet" });

/** A server to register. */
export interface ServerToCreate {
  /** Its name in addresses, lists and counters; never changes. */
  readonly id: string;
  /** Default: the id. */
  readonly title?: string;
  readonly access: ServerAccessView;
  /** Members left out have a default. */
  readonly settings?: Partial<ServerSettingsView>;
}

/** What changes of a server; members left out stay. */
export interface ServerToEdit {
  readonly title?: string;
  readonly access?: ServerAccessView;
  readonly isDisabled?: boolean;
  readonly settings?: Partial<ServerSettingsView>;
}

const serverToCreate: z.ZodType<ServerToCreate> = z
  .strictObject({
    id: idText,
    title: z.exactOptional(title),
    access: serverAccess,
    settings: z.exactOptional(settingsToSet),
  })
  .meta({ id: "ServerToCreate" });

const serverToEdit: z.ZodType<ServerToEdit> = z
  .strictObject({
    title: z.exactOptional(title),
    access: z.exactOptional(serverAccess),
    isDisabled: z.exactOptional(z.boolean()),
    settings: z.exactOptional(settingsToSet),
  })
  .meta({ id: "ServerToEdit" });

/** Names a server. */
export interface ServerParams {
  readonly serverId: string;
}

/** The path's part that names a server. */
export const serverParams: z.ZodType<ServerParams> = z.strictObject({ serverId: idText });

/** All servers. */
export const listServers: Operation<{ query: PageQuery; answer: Page<ServerView> }> = {
  id: "listServers",
  method: "GET",
  path: "/servers",
  tag: "servers",
  summary: "List the servers, by name",
  access: "servers.read",
  params: nothing,
  query: pageQuery,
  body: noContent,
  answer: pageOf("ServerPage", serverView),
  status: 200,
  codes: [],
};

/** A new server. */
export const createServer: Operation<{ body: ServerToCreate; answer: ServerView }> = {
  id: "createServer",
  method: "POST",
  path: "/servers",
  tag: "servers",
  summary: "Register a server; nothing is connected yet",
  access: "servers.write",
  params: nothing,
  query: nothing,
  body: serverToCreate,
  answer: serverView,
  status: 201,
  revision: "shown",
  isRepeatable: "plain",
  codes: ["NAME_TAKEN", "OPERATOR_ONLY"],
};

/** One server. */
export const getServer: Operation<{ params: ServerParams; answer: ServerView }> = {
  id: "getServer",
  method: "GET",
  path: "/servers/{serverId}",
  tag: "servers",
  summary: "Read a server",
  access: "servers.read",
  params: serverParams,
  query: nothing,
  body: noContent,
  answer: serverView,
  status: 200,
  revision: "shown",
  codes: ["NOT_FOUND"],
};

/** A server's settings. */
export const editServer: Operation<{ params: ServerParams; body: ServerToEdit; answer: ServerView }> = {
  id: "editServer",
  method: "PATCH",
  path: "/servers/{serverId}",
  tag: "servers",
  summary: "Change, disable or enable a server, from the next call on",
  access: "servers.write",
  params: serverParams,
  query: nothing,
  body: serverToEdit,
  answer: serverView,
  status: 200,
  revision: "demanded",
  codes: ["NOT_FOUND", "READ_ONLY", "OPERATOR_ONLY"],
};

/** A server, gone. */
export const deleteServer: Operation<{ params: ServerParams }> = {
  id: "deleteServer",
  method: "DELETE",
  path: "/servers/{serverId}",
  tag: "servers",
  summary: "Remove a server with its credentials and its list of tools; no grant opens it any more",
  access: "servers.write",
  params: serverParams,
  query: nothing,
  body: noContent,
  answer: noContent,
  status: 204,
  revision: "demanded",
  codes: ["NOT_FOUND", "READ_ONLY"],
};

/** The operations of this file. */
export const serverOperations: readonly AnyOperation[] = [
  listServers,
  createServer,
  getServer,
  editServer,
  deleteServer,
];
