import { connect, type Socket } from "node:net";
import { closeLater } from "./opened.ts";
import { hangMs } from "./wait.ts";

/** A response as it came off the socket. */
export interface RawResponse {
  readonly status: number;
  /** Header names in lower case, in order, repeats kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, decoded if it was chunked. */
  readonly body: string;
  /** The first header of that name. */
  header(name: string): string | undefined;
  /** Status lines of interim responses (`100 Continue`) that came before. */
  readonly interim: readonly number[];
}

/** A connection on which bytes go out exactly as given. */
export interface RawConnection {
  readonly socket: Socket;
  /** Writes bytes as they are. */
  write(bytes: string | Uint8Array): void;
  /** The next response on this connection. Throws when the connection ends without one, or after `timeoutMs`. */
  response(timeoutMs?: number): Promise<RawResponse>;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Opens a connection to `http://HOST:PORT`. Closed by `closeAll`. */
export function openRaw(origin: string): RawConnection {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ""));
  let received: Buffer = Buffer.alloc(0);
  let isEnded = false;
  let wake = (): void => {};
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isEnded = true;
      wake();
      resolve();
    });
  });
  const close = closeLater(() => void socket.destroy());
  const response = async (timeoutMs: number = hangMs): Promise<RawResponse> => {
    const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), timeoutMs);
    try {
      for (;;) {
        const read = takeResponse(received, isEnded);
        if (read !== undefined) {
          received = read.rest;
          return read.response;
        }
        if (isEnded) throw new Error(`the connection ended without a whole response: ${received.toString("utf8")}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  };
  return { socket, write: (bytes) => void socket.write(bytes), response, closed, close: () => void close() };
}

/** Sends bytes on a connection of its own and reads one response. */
export async function sendRaw(origin: string, bytes: string | Uint8Array, timeoutMs?: number): Promise<RawResponse> {
  const connection = openRaw(origin);
  try {
    connection.write(bytes);
    return await connection.response(timeoutMs);
  } finally {
    connection.close();
  }
}

/** Pure. The bytes of a POST: the headers in the given order and spelling, `Host` and `Content-Length` added if missing. */
export function postBytes(
  url: string,
  headers: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  body: string | Uint8Array,
): Buffer {
  const { host, pathname, search } = new URL(url);
  const bytes = Buffer.from(body);
  const list: (readonly [string, string])[] = isList(headers) ? [...headers] : Object.entries(headers);
  const has = (name: string): boolean => list.some(([given]) => given.toLowerCase() === name);
  if (!has("host")) list.unshift(["Host", host]);
  if (!has("content-length") && !has("transfer-encoding")) list.push(["Content-Length", String(bytes.length)]);
  const head = list.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`POST ${pathname}${search} HTTP/1.1\r\n${head}\r\n`), bytes]);
}

function isList(
  headers: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}

function takeResponse(bytes: Buffer, isEnded: boolean): { response: RawResponse; rest: Buffer } | undefined {
  const interim: number[] = [];
  let rest = bytes;
  for (;;) {
    const headEnd = rest.indexOf("\r\n\r\n");
    if (headEnd === -1) return undefined;
    const [statusLine = "", ...lines] = rest.subarray(0, headEnd).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
    rest = rest.subarray(headEnd + 4);
    if (status < 200) {
      interim.push(status);
      continue;
    }
    const headers = lines.map((line): readonly [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    const header = (name: string): string | undefined => headers.find(([given]) => given === name)?.[1];
    const body = takeBody(rest, header, isEnded);
    if (body === undefined) return undefined;
    return { response: { status, headers, body: body.text, header, interim }, rest: body.rest };
  }
}

function takeBody(
  bytes: Buffer,
  header: (name: string) => string | undefined,
  isEnded: boolean,
): { text: string; rest: Buffer } | undefined {
  if (header("transfer-encoding") === "chunked") return takeChunks(bytes);
  const length = header("content-length");
  if (length !== undefined) {
    // The answer to HEAD announces a body and has none.
    const end = bytes.length === 0 && isEnded ? 0 : Number(length);
    return bytes.length < end
      ? undefined
      : { text: bytes.subarray(0, end).toString("utf8"), rest: bytes.subarray(end) };
  }
  return isEnded ? { text: bytes.toString("utf8"), rest: Buffer.alloc(0) } : undefined;
}

function takeChunks(bytes: Buffer): { text: string; rest: Buffer } | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString("latin1"), 16);
    const start = lineEnd + 2;
    if (bytes.length < start + size + 2) return undefined;
    if (size === 0) return { text: Buffer.concat(parts).toString("utf8"), rest: bytes.subarray(start + 2) };
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}
