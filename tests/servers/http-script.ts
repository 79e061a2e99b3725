import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { closeLater } from "../kit/opened.ts";

/** A request as it reached a test's server. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server of a test's on the loopback. Closed by `closeAll`. */
export interface TestServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Connections that were made to it so far. */
  readonly connectionCount: () => number;
  readonly close: () => Promise<void>;
}

/** An HTTP server that answers each request by a function of the test's, and remembers what it saw. */
export interface ScriptedServer extends TestServer {
  readonly seen: readonly SeenRequest[];
}

/** Starts a server that reads each request whole and hands it to `answer`. */
export async function startScriptedServer(
  answer: (request: SeenRequest, res: ServerResponse, index: number) => void,
): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on("data", (part: Buffer) => parts.push(part));
    req.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      const request = { method: req.method ?? "", path: req.url ?? "", headers: req.headers, body };
      seen.push(request);
      answer(request, res, seen.length - 1);
    });
  });
  return { ...(await listen(server)), seen };
}

/** Starts a server that hands each connection to `serve` as it is. */
export function startRawServer(serve: (socket: Socket, index: number) => void): Promise<TestServer> {
  let index = 0;
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    serve(socket, index);
    index += 1;
  });
  return listen(server);
}

async function listen(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  server.on("connection", (socket: Socket) => {
    connectionCount += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = closeLater(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { origin: `http://127.0.0.1:${portOf(server.address())}`, connectionCount: () => connectionCount, close };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server has no port");
}

/** Answers with one JSON text. */
export function sendJson(res: ServerResponse, text: string, status = 200, headers: Record<string, string> = {}): void {
  res.writeHead(status, { "content-type": "application/json", ...headers });
  res.end(text);
}

/** Begins an event stream, with the first bytes of it. */
export function startEvents(res: ServerResponse, text = "", headers: Record<string, string> = {}): void {
  res.writeHead(200, { "content-type": "text/event-stream", ...headers });
  res.flushHeaders();
  if (text !== "") res.write(text);
}

/** One event with a message, in an event stream. */
export function eventText(message: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;
}
