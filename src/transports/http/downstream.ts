import { hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../../clock.ts";
import { AppError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { MirrorHeaders } from "../../protocol/mirror-headers.ts";
import { errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import type { IpNetwork } from "../../values/ip-address.ts";
import { serverOfResourcePath } from "../../values/resource-address.ts";
import type { Challenge, MessageHandler } from "../transport.ts";
import { bearerChallenge } from "./challenge.ts";
import { commonHeaders, createHttpExchange } from "./exchange.ts";
import {
  type AllowedHosts,
  allowedHosts,
  bearerTokenOf,
  bodyInPieces,
  bodyTooLarge,
  checkBodyHeaders,
  checkHostAndOrigin,
  ending,
  type GuardRefusal,
  headerValues,
  tooMuchUnderWay,
} from "./guards.ts";
import { clientAddress } from "./client-address.ts";
import { HeapGuard } from "./heap-guard.ts";
import { HeldBytes, type HeldRequest } from "./held-bytes.ts";
import { gatewaysPassed, ownVia } from "./via.ts";

/** The agent side of `callgate serve`. */
export interface HttpDownstreamOptions {
  /** Address to bind, e.g. `127.0.0.1`. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Further `Host` values (with port) this gateway is reached by. */
  readonly allowedHosts: readonly string[];
  readonly bodyBytesMax: number;
  /** With it the gateway speaks TLS. Both PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Networks of proxies in front, whose word on a client's address is taken. */
  readonly proxies?: readonly IpNetwork[];
  readonly handler: MessageHandler;
  /**
   * Makes a bearer token known to the handler, which knows tokens by their digests. Undefined when there is nothing to
   * wait for. Never rejects: a token that is not good stays unknown.
   */
  readonly introduce?: (token: string, tokenSha256: string) => Promise<void> | undefined;
  /** Answers everything that is not MCP, once Host and Origin are found in order. */
  readonly web?: (req: IncomingMessage, res: ServerResponse) => void;
  /** Scheme, host and port that clients know the gateway by; default where it listens. */
  readonly publicOrigin?: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A listening gateway. */
export interface HttpDownstream {
  /** `http://127.0.0.1:7777` */
  readonly origin: string;
  /** New connections get this certificate from now on. */
  useCertificate(tls: { readonly cert: string; readonly key: string }): void;
  /** Refuses new connections and resolves when the open ones have ended or `graceMs` is over. */
  close(graceMs: number): Promise<void>;
}

const headerBytesMax = 16 * 1024;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const connectionsMax = 2_000;

const serverOptions: ServerOptions = {
  maxHeaderSize: headerBytesMax,
  headersTimeout: headersTimeoutMs,
  requestTimeout: requestTimeoutMs,
  connectionsCheckingInterval: 1_000,
  requireHostHeader: false,
};

/** Listens for MCP Streamable HTTP at `/mcp/<server>`, and at `/mcp` for all servers. Rejects with `LISTEN_FAILED`. */
export async function listenHttp(options: HttpDownstreamOptions): Promise<HttpDownstream> {
  // Which names are its own is known with its port.
  let listener: Listener = {
    ...options,
    allowed: { hosts: new Set(), origins: new Set() },
    ownOrigin: "",
    heldBytes: new HeldBytes(),
    heap: new HeapGuard(),
    isEnding: () => !server.listening,
  };
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    // A connection that has nothing more to do is not kept alive while the listener ends.
    res.once("close", () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    void answer(req, res, listener).catch((error: unknown) => {
      // Who hangs up before the message is whole is no fault of ours, and needs no token to do it.
      if (req.destroyed && !req.complete) return void res.destroy();
      options.logger.error({ error: String(error) }, "request failed");
      if (!res.headersSent) res.writeHead(500, commonHeaders);
      res.end();
    });
  };
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer(serverOptions, onRequest)
      : createTlsServer({ ...serverOptions, ...tls }, onRequest);
  // A body announced with `Expect: 100-continue` is judged by its headers before it is asked for.
  server.on("checkContinue", onRequest);
  server.maxConnections = connectionsMax;
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new AppError(
          "LISTEN_FAILED",
          `cannot listen on ${options.host}:${options.port}: ${error.code ?? error.message}`,
          {
            cause: error,
          },
        ),
      );
    });
    server.listen(options.port, options.host, resolve);
  });
  const { port } = readAddress(server.address());
  const shownHost = options.host.includes(":") ? `[${options.host}]` : options.host;
  const origin = `${tls === undefined ? "http" : "https"}://${shownHost}:${port}`;
  const allowed = allowedHosts(options.host, port, options.allowedHosts);
  listener = { ...listener, allowed, ownOrigin: options.publicOrigin ?? origin };
  return {
    origin,
    useCertificate: (next) => {
      if (server instanceof TlsServer) server.setSecureContext(next);
    },
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // Clients open connections ahead of use. Node does not call one idle that never sent a byte.
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
      listener.heap.stop();
    },
  };
}

interface Listener extends HttpDownstreamOptions {
  readonly allowed: AllowedHosts;
  /** As clients know it. */
  readonly ownOrigin: string;
  readonly heldBytes: HeldBytes;
  readonly heap: HeapGuard;
  /** No new connections are taken any more, and no new work on those that are open. */
  readonly isEnding: () => boolean;
}

const notFound: GuardRefusal = {
  status: 404,
  reason: "path_unknown",
  message: "not found: MCP is at /mcp/<server> and /mcp",
};

/** The gateway's own MCP server, off the path of a call; no other may have its name. */
const ownServer = "catalogue";

async function answer(req: IncomingMessage, res: ServerResponse, options: Listener): Promise<void> {
  const server = serverOfResourcePath(req.url ?? "");
  const via = gatewaysPassed(headerValues(req, "via"));
  const foreign = checkHostAndOrigin(req, options.allowed);
  if (foreign === undefined && (server === undefined || server === ownServer) && options.web !== undefined) {
    return options.isEnding() ? refuse(req, res, options, ending) : options.web(req, res);
  }
  const refusal =
    foreign ??
    (server === undefined ? notFound : undefined) ??
    checkLoop(via) ??
    checkRoom(req, options) ??
    checkMethod(req) ??
    (req.method === "POST" ? checkBodyHeaders(req, options.bodyBytesMax) : undefined);
  if (refusal !== undefined || server === undefined) return refuse(req, res, options, refusal ?? notFound);
  const sessionId = headerValues(req, "mcp-session-id")[0];
  const token = bearerTokenOf(req);
  const tokenSha256 = token === undefined ? undefined : hash("sha256", token, "hex");
  const introduced = token === undefined ? undefined : options.introduce?.(token, tokenSha256 ?? "");
  if (introduced !== undefined) await introduced;
  // From here on the token itself is nowhere any more.
  const challengeText = (challenge: Challenge): string => bearerChallenge(req, options.ownOrigin, challenge);
  if (req.method === "DELETE") {
    const { status, challenge } = await options.handler.endSession({ server, tokenSha256, sessionId });
    const asked = challenge === undefined ? {} : { "www-authenticate": challengeText(challenge) };
    res.writeHead(status, { ...commonHeaders, ...asked, "content-length": "0" });
    res.end();
    return;
  }
  if (req.method === "GET") {
    const lastEventId = headerValues(req, "last-event-id")[0];
    const headers = mirrorHeaders(req);
    options.handler.listen(
      { transport: "http", server, tokenSha256, sessionId, headers, lastEventId },
      createHttpExchange(req, res, challengeText),
    );
    return;
  }
  if (req.headers.expect !== undefined) res.writeContinue();
  const held = options.heldBytes.begin(tokenSha256 ?? "");
  try {
    const bytes = await readBody(req, options.bodyBytesMax, held);
    if ("status" in bytes) return refuse(req, res, options, bytes);
    await options.handler.handle(
      {
        transport: "http",
        bytes,
        server,
        tokenSha256,
        sessionId,
        headers: mirrorHeaders(req),
        clientIp: clientAddress(req, options.proxies ?? []),
        ...(via.length === 0 ? {} : { via: via.join(", ") }),
        receivedAtMs: options.clock.monotonicMs(),
      },
      createHttpExchange(req, res, challengeText),
    );
  } finally {
    held.end();
  }
}

/** A message that has been through this process would come back for ever if it were sent on. */
function checkLoop(via: readonly string[]): GuardRefusal | undefined {
  const message = "this message has been through this gateway already: a server of it leads back to it";
  return via.includes(ownVia) ? { status: 508, reason: "loop", message } : undefined;
}

/** What asks for new work is refused while the gateway ends, and when it has no memory left. DELETE gives some back. */
function checkRoom(req: IncomingMessage, { isEnding, heap }: Listener): GuardRefusal | undefined {
  if (req.method === "DELETE") return undefined;
  if (isEnding()) return ending;
  return heap.isFull ? tooMuchUnderWay : undefined;
}

function checkMethod(req: IncomingMessage): GuardRefusal | undefined {
  if (req.method === "POST" || req.method === "DELETE") return undefined;
  if (req.method !== "GET") return { status: 405, reason: "method_not_allowed", message: "send POST" };
  const takesStream = (req.headers.accept ?? "").includes("text/event-stream");
  return takesStream
    ? undefined
    : { status: 406, reason: "not_acceptable", message: "send POST, or GET with Accept: text/event-stream" };
}

function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  options: HttpDownstreamOptions,
  { status, reason, message }: GuardRefusal,
): void {
  options.handler.noteRefusal({ transport: "http", reason, message });
  const body = errorReply(null, jsonRpcCodes.invalidRequest, message);
  res.writeHead(status, {
    ...commonHeaders,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...(status === 405 ? { allow: "POST, GET, DELETE" } : {}),
    ...(status === 503 ? { "retry-after": "1" } : {}),
    connection: "close",
  });
  res.write(body);
  endAfterBody(req, res);
}

/** How long a client may go on sending a refused body before the connection is cut, milliseconds. */
const lingerMs = 1_000;

/**
 * Ends a refusal when the client has sent what it was sending, or after a while: a connection that is closed under a
 * client that still writes is reset, and the client never reads its answer (RFC 9112 §9.6).
 */
function endAfterBody(req: IncomingMessage, res: ServerResponse): void {
  if (req.readableEnded) return void res.end();
  const timer = setTimeout(() => res.end(), lingerMs);
  const end = (): void => {
    clearTimeout(timer);
    res.end();
  };
  req.once("end", end);
  req.once("error", end);
  req.once("close", end);
  req.resume();
}

/** A body comes in at most so many pieces; every one costs time, and a client that means well sends far fewer. */
const piecesMax = 65_536;

/** Memory for a body grows with what came, not with what was announced. */
const firstBytes = 65_536;

/** The whole body, or its refusal as soon as it is over a limit. Pieces are copied, so that small ones hold no memory. */
function readBody(req: IncomingMessage, bodyBytesMax: number, memory: HeldRequest): Promise<Uint8Array | GuardRefusal> {
  return new Promise((resolve, reject) => {
    let held = Buffer.allocUnsafe(
      Math.min(firstBytes, bodyBytesMax, Number(req.headers["content-length"] ?? firstBytes)),
    );
    let total = 0;
    let pieces = 0;
    const refuseRest = (refusal: GuardRefusal): void => {
      req.off("data", onData);
      req.pause();
      resolve(refusal);
    };
    const onData = (piece: Buffer): void => {
      const end = total + piece.length;
      pieces += 1;
      if (end > bodyBytesMax) return refuseRest(bodyTooLarge(bodyBytesMax));
      if (pieces > piecesMax) return refuseRest(bodyInPieces);
      if (end > held.length) {
        const length = Math.min(bodyBytesMax, Math.max(end, 2 * held.length));
        if (!memory.resize(length)) return refuseRest(tooMuchUnderWay);
        const larger = Buffer.allocUnsafe(length);
        held.copy(larger, 0, 0, total);
        held = larger;
      }
      piece.copy(held, total);
      total = end;
    };
    if (!memory.resize(held.length)) return refuseRest(tooMuchUnderWay);
    req.on("data", onData);
    req.on("end", () => {
      const isSpacious = held.length > 2 * total;
      resolve(isSpacious ? Buffer.from(held.subarray(0, total)) : held.subarray(0, total));
      if (isSpacious) memory.resize(total);
    });
    req.on("error", reject);
  });
}

const mirrored = { "mcp-protocol-version": "protocolVersion", "mcp-method": "method", "mcp-name": "name" } as const;

function mirrorHeaders(req: IncomingMessage): MirrorHeaders {
  const found: { protocolVersion?: string; method?: string; name?: string } = {};
  const params: Record<string, string> = {};
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = (req.rawHeaders[i] ?? "").toLowerCase();
    if (!name.startsWith("mcp-")) continue;
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
    const value = req.rawHeaders[i + 1] ?? "";
    if (name === "mcp-protocol-version" || name === "mcp-method" || name === "mcp-name") found[mirrored[name]] = value;
    else if (name.startsWith("mcp-param-")) params[name.slice("mcp-param-".length)] = value;
  }
  return { ...found, params, repeated: [...repeated] };
}

function readAddress(address: string | AddressInfo | null): { readonly port: number } {
  if (address === null || typeof address === "string")
    throw new AppError("LISTEN_FAILED", "the listener has no address");
  return address;
}
