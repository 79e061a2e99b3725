import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { answer, isMessage, objectAt, type Answer, type EchoOptions, type Message } from "./echo-answers.ts";
import { type ScriptedServer, type SeenRequest, sendJson, startEvents, startScriptedServer } from "./http-script.ts";

/** How the echo server behaves over HTTP. */
export interface HttpEchoOptions extends Partial<EchoOptions> {
  /** Answers with one JSON text, or with an event stream; default `json`. `slow` always streams. */
  readonly answers?: "json" | "events";
  /** Whether the legacy era has sessions; default true. */
  readonly hasSessions?: boolean;
  /** Cuts the stream of a legacy call behind its first event; the answer waits for whoever resumes. */
  readonly cutsStreams?: boolean;
}

/** The echo server over Streamable HTTP, both eras at one address, without any SDK. Closed by `closeAll`. */
export interface HttpEcho extends ScriptedServer {
  readonly url: string;
  /** Ids of the sessions that are open, oldest first. */
  readonly sessions: () => readonly string[];
  /** Forgets all sessions, as a restart does. */
  readonly forgetSessions: () => void;
  /** Sends a message to everyone who listens. */
  readonly announce: (message: Message) => void;
  /** Ids of the requests whose stream the client closed before the answer. */
  readonly abandoned: readonly unknown[];
}

interface Session {
  readonly listeners: Set<ServerResponse>;
  /** Answers that wait for a client that comes back, by the id of the event before them. */
  readonly kept: Map<string, string>;
  readonly running: Map<unknown, () => void>;
}

const versionKey = "io.modelcontextprotocol/protocolVersion";

/** Starts an echo server. Its tools are those of `echo-server.ts`. */
export async function startHttpEcho(options: HttpEchoOptions = {}): Promise<HttpEcho> {
  const echo = new EchoOverHttp(options);
  const server = await startScriptedServer((request, res) => echo.take(request, res));
  return {
    ...server,
    url: `${server.origin}/mcp`,
    sessions: () => [...echo.sessions.keys()],
    forgetSessions: () => echo.sessions.clear(),
    announce: (message) => echo.announce(message),
    abandoned: echo.abandoned,
  };
}

class EchoOverHttp {
  readonly sessions = new Map<string, Session>();
  readonly abandoned: unknown[] = [];
  readonly #options: HttpEchoOptions;
  readonly #echo: EchoOptions;
  /** Where there are no sessions, everyone shares this. */
  readonly #shared: Session = createSession();
  #events = 0;

  constructor(options: HttpEchoOptions) {
    this.#options = options;
    const plain = {
      era: "both",
      pageSize: 0,
      hasDuplicateTools: false,
      hasBadList: false,
      hasBadEntries: false,
    } as const;
    this.#echo = { ...plain, ...options };
  }

  take(request: SeenRequest, res: ServerResponse): void {
    if (request.path !== "/mcp") return void res.writeHead(404).end();
    if (request.method === "GET") return this.#listen(request, res);
    if (request.method === "DELETE") return this.#endSession(request, res);
    const message = readMessage(request.body);
    if (message === undefined) return refuse(res, 400, -32700, "Parse error");
    const isModern = objectAt(objectAt(message, "params"), "_meta")[versionKey] !== undefined;
    if (isModern) return this.#takeModern(message, request, res);
    const session = this.#sessionFor(message, request);
    if (typeof session === "number") return refuse(res, session, -32001, "no such session");
    this.#takeLegacy(message, session.id, session.session, res);
  }

  announce(message: Message): void {
    const all = [this.#shared, ...this.sessions.values()].flatMap(({ listeners }) => [...listeners]);
    for (const res of all) res.write(this.#event(message).text);
  }

  #takeModern(message: Message, { headers }: SeenRequest, res: ServerResponse): void {
    const { id, method } = message;
    const params = objectAt(message, "params");
    const isLying =
      headers["mcp-protocol-version"] !== objectAt(params, "_meta")[versionKey] ||
      headers["mcp-method"] !== method ||
      (method === "tools/call" && decode(headers["mcp-name"]) !== params["name"]);
    if (isLying) return refuse(res, 400, -32020, "the headers do not mirror the body", id);
    if (id === undefined) return void res.writeHead(202).end();
    const result = answer(String(method), params, this.#echo);
    if (method === "tools/call" && params["name"] === "slow")
      return this.#answerSlowly(message, result, res, undefined);
    this.#reply(res, { jsonrpc: "2.0", id, ...result }, statusOf(result));
  }

  #takeLegacy(message: Message, sessionId: string | undefined, session: Session, res: ServerResponse): void {
    const { id, method } = message;
    const params = objectAt(message, "params");
    if (id === undefined || typeof method !== "string") {
      if (method === "notifications/cancelled") session.running.get(params["requestId"])?.();
      return void res.writeHead(202).end();
    }
    const result = answer(method, params, this.#echo);
    const headers = sessionId !== undefined && method === "initialize" ? { "mcp-session-id": sessionId } : {};
    if (method === "tools/call" && params["name"] === "slow") return this.#answerSlowly(message, result, res, session);
    const text = { jsonrpc: "2.0", id, ...result };
    if (this.#options.cutsStreams !== true || method !== "tools/call") return this.#reply(res, text, 200, headers);
    const mark = this.#mark();
    session.kept.set(mark, this.#event(text).text);
    startEvents(res, `id: ${mark}\nretry: 10\ndata:\n\n`);
    res.end();
  }

  #answerSlowly(message: Message, result: Answer, res: ServerResponse, session: Session | undefined): void {
    const params = objectAt(message, "params");
    const { progressToken } = objectAt(params, "_meta");
    startEvents(res, ": working\n\n");
    if (progressToken !== undefined) {
      const progress = { progressToken, progress: 0, total: 1 };
      res.write(this.#event({ jsonrpc: "2.0", method: "notifications/progress", params: progress }).text);
    }
    const timer = setTimeout(
      () => {
        session?.running.delete(message["id"]);
        res.end(this.#event({ jsonrpc: "2.0", id: message["id"], ...result }).text);
      },
      Number(objectAt(params, "arguments")["ms"] ?? 0),
    );
    const stop = (): void => {
      clearTimeout(timer);
      res.end();
    };
    session?.running.set(message["id"], stop);
    res.on("close", () => {
      if (res.writableFinished) return;
      this.abandoned.push(message["id"]);
      // In the modern era that is the cancellation; in the legacy era the call goes on.
      if (session === undefined) stop();
    });
  }

  #reply(res: ServerResponse, message: Message, status = 200, headers: Record<string, string> = {}): void {
    if (this.#options.answers !== "events" || status !== 200)
      return sendJson(res, JSON.stringify(message), status, headers);
    startEvents(res, this.#event(message).text, headers);
    res.end();
  }

  #sessionFor(message: Message, { headers }: SeenRequest): { id: string | undefined; session: Session } | number {
    if (this.#options.hasSessions === false) return { id: undefined, session: this.#shared };
    const asked = headers["mcp-session-id"];
    if (message["method"] === "initialize") {
      const id = randomUUID();
      const session = createSession();
      this.sessions.set(id, session);
      return { id, session };
    }
    const session = typeof asked === "string" ? this.sessions.get(asked) : undefined;
    return session === undefined ? (asked === undefined ? 400 : 404) : { id: String(asked), session };
  }

  #listen({ headers }: SeenRequest, res: ServerResponse): void {
    if (this.#echo.era === "modern") return void res.writeHead(405, { allow: "POST" }).end();
    const asked = headers["mcp-session-id"];
    const session = this.#options.hasSessions === false ? this.#shared : this.sessions.get(String(asked));
    if (session === undefined) return refuse(res, asked === undefined ? 400 : 404, -32001, "no such session");
    const mark = headers["last-event-id"];
    const kept = typeof mark === "string" ? session.kept.get(mark) : undefined;
    startEvents(res, kept ?? ": listening\n\n");
    if (kept !== undefined) return void res.end();
    session.listeners.add(res);
    res.on("close", () => session.listeners.delete(res));
  }

  #endSession({ headers }: SeenRequest, res: ServerResponse): void {
    const id = String(headers["mcp-session-id"]);
    for (const listener of this.sessions.get(id)?.listeners ?? []) listener.end();
    res.writeHead(this.sessions.delete(id) ? 204 : 404).end();
  }

  #event(message: Message): { readonly text: string } {
    return { text: `id: ${this.#mark()}\ndata: ${JSON.stringify(message)}\n\n` };
  }

  #mark(): string {
    this.#events += 1;
    return `e-${this.#events}`;
  }
}

function createSession(): Session {
  return { listeners: new Set(), kept: new Map(), running: new Map() };
}

function readMessage(body: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** MCP 2026-07-28, Transports: an unknown method is 404, the protocol's own refusals are 400. */
function statusOf(result: Answer): number {
  if (!("error" in result)) return 200;
  if (result.error.code === -32601) return 404;
  return result.error.code <= -32020 && result.error.code >= -32099 ? 400 : 200;
}

function decode(value: string | readonly string[] | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, "base64").toString("utf8");
}

function refuse(res: ServerResponse, status: number, code: number, message: string, id: unknown = null): void {
  sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } }), status);
}
