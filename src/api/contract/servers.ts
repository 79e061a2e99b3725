import { z } from "zod";
import { idText, type Page, pageOf, type PageQuery, pageQuery, source, time } from "./common.ts";
import { noContent, nothing, type Operation } from "./operation.ts";

/** How a server is reached, without a secret. */
export type ServerAccessView =
  | { readonly kind: "url"; readonly url: string; readonly transport: "streamable-http" | "sse" }
  | { readonly kind: "command"; readonly command: string; readonly args: readonly string[] };

/** A server. */
export interface ServerView {
  readonly id: string;
  readonly title: string;
  readonly source: "file" | "database";
  /** Where clients reach it through the gateway. */
  readonly proxyUrl: string;
  readonly access: ServerAccessView;
  readonly isDisabled: boolean;
  readonly showDenied: boolean;
  /** Milliseconds. */
  readonly startTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly callDeadlineMs: number;
  readonly idleTimeoutMs: number;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly revision: number;
}

const timeoutMs = z.int().min(1).max(86_400_000);

const access: z.ZodType<ServerAccessView> = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("url"),
      url: z.string().min(1).max(2_000),
      transport: z.enum(["streamable-http", "sse"]),
    }),
    z.strictObject({
      kind: z.literal("command"),
      command: z.string().min(1).max(1_000),
      args: z.array(z.string().max(4_000)).max(200),
    }),
  ])
  .meta({ id: "ServerAccess" });

const server: z.ZodType<ServerView> = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    source,
    proxyUrl: z.string(),
    access,
    isDisabled: z.boolean(),
    showDenied: z.boolean(),
    startTimeoutMs: timeoutMs,
    callTimeoutMs: timeoutMs,
    callDeadlineMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
    createdAt: time.nullable(),
    updatedAt: time.nullable(),
    revision: z.int(),
  })
  .meta({ id: "Server" });

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
  answer: pageOf("ServerPage", server),
  status: 200,
  codes: [],
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
  answer: server,
  status: 200,
  revision: "shown",
  codes: ["NOT_FOUND"],
};
