import { z } from "zod";
import { jsonObject, time } from "./common.ts";
import { toolFinding, type ToolFindingView } from "./findings.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";
import { serverAccess, type ServerAccessView, serverParams, type ServerParams } from "./servers.ts";

/** A tool as its server defines it. The definition is the server's text: show it as text. */
export interface ToolView {
  readonly name: string;
  readonly sha256: string;
  readonly definition: Readonly<Record<string, unknown>>;
}

/** What a server listed when it was last asked. */
export interface ToolListView {
  readonly server: string;
  /** Null when it was never asked. */
  readonly fetchedAt: string | null;
  readonly sha256: string | null;
  readonly tools: readonly ToolView[];
  /** What in the tools a person should look at, worst first. */
  readonly findings: readonly ToolFindingView[];
}

const toolList: z.ZodType<ToolListView> = z
  .strictObject({
    server: z.string(),
    fetchedAt: time.nullable(),
    sha256: z.string().nullable(),
    tools: z.array(z.strictObject({ name: z.string(), sha256: z.string(), definition: jsonObject })),
    findings: z.array(toolFinding),
  })
  .meta({ id: "ToolList" });

/** A server's tools as kept. */
export const getTools: Operation<{ params: ServerParams; answer: ToolListView }> = {
  id: "getTools",
  method: "GET",
  path: "/servers/{serverId}/tools",
  tag: "servers",
  summary: "Read the list of tools that was last fetched from a server",
  access: "servers.read",
  params: serverParams,
  query: nothing,
  body: noContent,
  answer: toolList,
  status: 200,
  codes: ["NOT_FOUND"],
};

/** What is wrong with a server that cannot be read. */
const upstreamCodes = [
  "UPSTREAM_START_FAILED",
  "UPSTREAM_EXITED",
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_GARBAGE",
  "UPSTREAM_REFUSED",
  "UPSTREAM_OVERLOADED",
  "UPSTREAM_SESSION_ENDED",
] as const;

/** A server's tools, asked for anew. */
export const fetchTools: Operation<{ params: ServerParams; answer: ToolListView }> = {
  id: "fetchTools",
  method: "POST",
  path: "/servers/{serverId}/tools/fetch",
  tag: "servers",
  summary: "Ask a server for its tools now, and keep the list",
  access: "servers.review",
  params: serverParams,
  query: nothing,
  body: noContent,
  answer: toolList,
  status: 200,
  codes: ["NOT_FOUND", ...upstreamCodes],
};

/** What came of a look at a server. */
export interface ConnectionTest {
  readonly isReachable: boolean;
  /** The revision of MCP that it speaks; null when it was not reached. */
  readonly protocolVersion: string | null;
  readonly toolCount: number | null;
  /** What in the tools a person should look at, worst first. */
  readonly findings: readonly ToolFindingView[];
  /** Null when all is well. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

const connectionTest: z.ZodType<ConnectionTest> = z
  .strictObject({
    isReachable: z.boolean(),
    protocolVersion: z.string().nullable(),
    toolCount: z.int().nullable(),
    findings: z.array(toolFinding),
    problem: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: "ConnectionTest" });

/** A look at a registered server. */
export const testServer: Operation<{ params: ServerParams; answer: ConnectionTest }> = {
  id: "testServer",
  method: "POST",
  path: "/servers/{serverId}/test",
  tag: "servers",
  summary: "Connect to a server as the gateway would and say how it went; no tool is called, nothing is kept",
  access: "servers.write",
  params: serverParams,
  query: nothing,
  body: noContent,
  answer: connectionTest,
  status: 200,
  codes: ["NOT_FOUND"],
};

/** A server that is not registered yet. */
export interface AccessToTest {
  readonly access: ServerAccessView;
}

/** A look at a server that is not registered yet. */
export const testAccess: Operation<{ body: AccessToTest; answer: ConnectionTest }> = {
  id: "testAccess",
  method: "POST",
  path: "/servers/test",
  tag: "servers",
  summary: "The same for a server that is not registered yet, without credentials",
  access: "servers.write",
  params: nothing,
  query: nothing,
  body: z.strictObject({ access: serverAccess }).meta({ id: "AccessToTest" }),
  answer: connectionTest,
  status: 200,
  codes: ["OPERATOR_ONLY"],
};

/** The operations of this file. */
export const serverToolOperations: readonly AnyOperation[] = [getTools, fetchTools, testServer, testAccess];
