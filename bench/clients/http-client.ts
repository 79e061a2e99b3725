import { connect, type Socket } from "node:net";
import { ruledTool } from "../workload.ts";
import type { Lane } from "./lane.ts";
import { callText, protocolVersion, requestText } from "./messages.ts";

/** Servers on Node.js close a connection after five idle seconds; one that was idle this long is opened anew. */
const idleMsMax = 3_000;

interface Wanted {
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * An HTTP/1.1 client on one kept-alive connection that does the least a client can: one write for a request, one search
 * for the end of the head and one for `content-length`. A connection that was idle for long is opened anew.
 */
export class HttpLane implements Lane {
  readonly #url: URL;
  readonly #head: string;
  #socket: Socket | undefined;
  #usedAtMs = 0;
  #buffered = "";
  #wanted: Wanted | undefined;

  constructor(url: string, token: string) {
    this.#url = new URL(url);
    this.#head = [
      `POST ${this.#url.pathname} HTTP/1.1`,
      `host: ${this.#url.host}`,
      `authorization: Bearer ${token}`,
      "content-type: application/json",
      "accept: application/json, text/event-stream",
      `mcp-protocol-version: ${protocolVersion}`,
    ].join("\r\n");
  }

  call(): Promise<string> {
    return this.#send("tools/call", ruledTool, callText());
  }

  ask(method: string, params: Readonly<Record<string, unknown>>): Promise<string> {
    const { name } = params;
    return this.#send(method, typeof name === "string" ? name : undefined, requestText(method, params));
  }

  close(): void {
    this.#drop();
  }

  #send(method: string, name: string | undefined, text: string): Promise<string> {
    const mirror = `mcp-method: ${method}${name === undefined ? "" : `\r\nmcp-name: ${name}`}`;
    const length = `content-length: ${Buffer.byteLength(text)}`;
    return new Promise((resolve, reject) => {
      this.#wanted = { resolve, reject };
      if (performance.now() - this.#usedAtMs > idleMsMax) this.#drop();
      this.#usedAtMs = performance.now();
      this.#socket ??= this.#connect();
      this.#socket.write(`${this.#head}\r\n${mirror}\r\n${length}\r\n\r\n${text}`);
    });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port), noDelay: true });
    this.#buffered = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => this.#receive(chunk));
    socket.on("error", (error) => {
      if (this.#socket === socket) this.#wanted?.reject(error);
    });
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#wanted?.reject(new Error("the connection was closed before the answer"));
    });
    return socket;
  }

  #receive(chunk: string): void {
    this.#buffered += chunk;
    const headEnd = this.#buffered.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#buffered)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) throw new Error(`no content-length: ${this.#buffered.slice(0, 300)}`);
    const end = headEnd + 4 + length;
    if (this.#buffered.length < end) return;
    const body = this.#buffered.slice(headEnd + 4, end);
    this.#buffered = this.#buffered.slice(end);
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted?.resolve(body);
  }
}
