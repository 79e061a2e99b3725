import {
  type Answer,
  initialize,
  initialized,
  type JsonObject,
  legacyVersion,
  modernHeaders,
  modernRequest,
  readAnswer,
  request,
  toolNames,
} from "./messages.ts";
import type { CallgateProcess } from "./process.ts";
import { until } from "./wait.ts";

/** The four ways an agent can speak to a gateway. */
export type Lane = "http legacy" | "http modern" | "stdio legacy" | "stdio modern";

/** An agent on one lane. */
export interface Client {
  readonly lane: Lane;
  /** Sends a request and waits for its answer. Throws when there is none. */
  request(method: string, params?: JsonObject): Promise<Answer>;
  /** Calls a tool. */
  call(tool: string, args?: JsonObject): Promise<Answer>;
  /** The names of all tools listed, every page. */
  list(): Promise<string[]>;
}

/** What an HTTP answer was, with its JSON-RPC message where there was one. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** An agent over HTTP. */
export interface HttpClient extends Client {
  /** Sends a message as it is, with the headers of the lane and further ones. */
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<HttpReply>;
  /** `Mcp-Session-Id`, undefined in the modern era. */
  readonly sessionId: string | undefined;
}

/** An agent on standard streams. */
export interface StdioClient extends Client {
  /** Writes bytes as they are; a line needs its own line end. */
  write(bytes: string | Uint8Array): void;
  /** Lines received so far. */
  lines(): readonly string[];
  /** Waits for the line with that index (0 is the first ever received). */
  line(index: number): Promise<string>;
}

/** Opens an agent of the legacy era over HTTP: the handshake is made. */
export async function openHttpLegacy(url: string, token: string): Promise<HttpClient> {
  const base = { ...httpHeaders(token), "mcp-protocol-version": legacyVersion };
  const hello = await post(url, initialize(), httpHeaders(token));
  const sessionId = hello.headers.get("mcp-session-id") ?? undefined;
  if (sessionId === undefined) throw new Error(`no session: ${hello.status} ${hello.body}`);
  const headers = { ...base, "mcp-session-id": sessionId };
  await post(url, initialized, headers);
  let id = 0;
  const ask = async (method: string, params?: JsonObject): Promise<Answer> =>
    readAnswer((await post(url, request((id += 1), method, params), headers)).body);
  return {
    ...client("http legacy", ask),
    sessionId,
    post: (body, more) => post(url, body, { ...headers, ...more }),
  };
}

/** An agent of the modern era over HTTP. Nothing to open. */
export function openHttpModern(url: string, token: string): HttpClient {
  let id = 0;
  const ask = async (method: string, params?: JsonObject): Promise<Answer> => {
    const name = params?.["name"];
    const headers = modernHeaders(method, typeof name === "string" ? name : undefined);
    const reply = await post(url, modernRequest((id += 1), method, params), { ...httpHeaders(token), ...headers });
    return readAnswer(reply.body);
  };
  return {
    ...client("http modern", ask),
    sessionId: undefined,
    post: (body, more) => post(url, body, { ...httpHeaders(token), ...more }),
  };
}

/** Opens an agent on the standard streams of `callgate run`; with `legacy` the handshake is made. One for each process. */
export async function openStdio(gateway: CallgateProcess, era: "legacy" | "modern"): Promise<StdioClient> {
  const received: string[] = [];
  let rest = "";
  gateway.child.stdout.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString("latin1")).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) received.push(Buffer.from(part, "latin1").toString("utf8"));
  });
  const write = (bytes: string | Uint8Array): void => void gateway.child.stdin.write(bytes);
  let id = 0;
  const ask = async (method: string, params?: JsonObject): Promise<Answer> => {
    const mine = `k${(id += 1)}`;
    write(`${era === "modern" ? modernRequest(mine, method, params) : request(mine, method, params)}\n`);
    return until(`the answer to ${method}; standard error holds: ${gateway.stderr()}`, () => answerTo(received, mine));
  };
  if (era === "legacy") {
    write(`${initialize()}\n`);
    await until(`the handshake; standard error holds: ${gateway.stderr()}`, () => answerTo(received, "init"));
    write(`${initialized}\n`);
  }
  return {
    ...client(era === "legacy" ? "stdio legacy" : "stdio modern", ask),
    write,
    lines: () => received,
    line: (index) => until(`line ${index} on standard output`, () => received[index]),
  };
}

function answerTo(lines: readonly string[], id: string): Answer | undefined {
  const line = lines.findLast((text) => text.includes(JSON.stringify(id)));
  const found = line === undefined ? undefined : readAnswer(line);
  return found?.id === id ? found : undefined;
}

function client(lane: Lane, ask: Client["request"]): Client {
  return {
    lane,
    request: ask,
    call: (tool, args) => ask("tools/call", { name: tool, ...(args === undefined ? {} : { arguments: args }) }),
    list: async () => {
      const names: string[] = [];
      for (let cursor: unknown; ;) {
        const page = await ask("tools/list", cursor === undefined ? {} : { cursor });
        if (page.error !== undefined) throw new Error(`the list was refused: ${page.error.message}`);
        names.push(...toolNames(page));
        cursor = page.result?.["nextCursor"];
        if (cursor === undefined) return names;
      }
    },
  };
}

function httpHeaders(token: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
}

async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<HttpReply> {
  const response = await fetch(url, { method: "POST", body, headers });
  return { status: response.status, headers: response.headers, body: messageOf(await response.text()) };
}

/** The last message of an event stream, or the body as it is. */
function messageOf(body: string): string {
  const events = body.split("\n").filter((line) => line.startsWith("data: "));
  return body.startsWith("event:") ? (events.at(-1) ?? "").slice("data: ".length) : body;
}
