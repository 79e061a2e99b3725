/**
 * The conformance fixture over Streamable HTTP, both eras at one address: `node http-server.ts [PORT]`. Writes the
 * address to standard output as soon as it listens.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import process from "node:process";
import {
  hostHeaderValidation,
  NodeStreamableHTTPServerTransport,
  originValidation,
  toNodeHandler,
  toWebRequest,
} from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
} from "@modelcontextprotocol/server";
import { EventMemory } from "./event-memory.ts";
import { createConformanceServer } from "./server.ts";

/** After how long a client whose stream was cut should come back, milliseconds. */
const retryMs = 500;

const modern = createMcpHandler(
  () =>
    createConformanceServer((list) =>
      list === "tools" ? modern.notify.toolsChanged() : modern.notify.promptsChanged(),
    ),
  { legacy: "reject" },
);
const answerModern = toNodeHandler(modern);
const isHostFine = hostHeaderValidation(localhostAllowedHostnames());
const isOriginFine = originValidation(localhostAllowedOrigins());
const sessions = new Map<string, NodeStreamableHTTPServerTransport>();

async function openSession(): Promise<NodeStreamableHTTPServerTransport> {
  const transport: NodeStreamableHTTPServerTransport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new EventMemory(),
    retryInterval: retryMs,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await createConformanceServer().connect(transport);
  return transport;
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (!isHostFine(req, res) || !isOriginFine(req, res)) return;
  const body = req.method === "POST" ? await readJson(req) : undefined;
  if (body === notJson) return refuse(res, 400, -32_700, "the body is not JSON");
  const request = {
    method: req.method ?? "GET",
    url: req.url ?? "/",
    headers: req.headers,
    [Symbol.asyncIterator]: () => req[Symbol.asyncIterator](),
  };
  if (!(await isLegacyRequest(await toWebRequest(request, body), body))) return answerModern(request, res, body);
  const id = req.headers["mcp-session-id"];
  const session = typeof id === "string" ? sessions.get(id) : undefined;
  if (session === undefined && id !== undefined) return refuse(res, 404, -32_001, "no such session");
  await (session ?? (await openSession())).handleRequest(req, res, body);
}

const notJson: unique symbol = Symbol("not JSON");

async function readJson(req: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of req) pieces.push(Buffer.from(piece));
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    return notJson;
  }
}

function refuse(res: ServerResponse, status: number, code: number, message: string): void {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } }));
}

const server = createServer((req, res) => {
  void answer(req, res).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    if (!res.headersSent) refuse(res, 500, -32_603, "the fixture failed");
    else res.end();
  });
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  process.stdout.write(`http://127.0.0.1:${port}/mcp\n`);
});
