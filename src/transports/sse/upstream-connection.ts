import { Buffer } from "node:buffer";
import type { RequestId } from "../../protocol/jsonrpc.ts";
import type { ExchangeCalls, ExchangeEnd } from "../http/upstream-exchange.ts";
import { failure } from "../http/upstream-failure.ts";
import { authorize, watched } from "../http/upstream-authorization.ts";
import { type HeaderList, headerList } from "../http/upstream-headers.ts";
import { acceptTimeoutMs, OpenExchanges } from "../http/upstream-open.ts";
import { type HttpServer, pathOf } from "../http/upstream-server.ts";
import type { Outgoing, SendResult, UpstreamConnection, UpstreamEvents, UpstreamFailure } from "../transport.ts";
import { readEndpoint } from "./upstream-endpoint.ts";

const postHeaders = ["accept", "application/json", "content-type", "application/json"];

/** One stream from a server, and the POSTs to the address that it names. */
export class SseConnection implements UpstreamConnection {
  readonly #server: HttpServer;
  readonly #events: UpstreamEvents;
  readonly #open: OpenExchanges;
  /** Path and query to POST to; undefined when the stream ends without naming it. */
  readonly #endpoint: Promise<string | undefined>;
  #foundEndpoint: (path: string | undefined) => void = () => {};
  readonly #timer: NodeJS.Timeout;
  #isEnded = false;

  constructor(server: HttpServer, endpointTimeoutMs: number, events: UpstreamEvents) {
    this.#server = server;
    this.#events = events;
    this.#open = new OpenExchanges(server);
    this.#endpoint = new Promise((resolve) => (this.#foundEndpoint = resolve));
    this.#timer = setTimeout(() => {
      this.#end(failure("UPSTREAM_TIMEOUT", "the server did not name its address in time"));
    }, endpointTimeoutMs);
    const { authorization } = server;
    authorize(
      authorization,
      (headers) => {
        if (!this.#isEnded) this.#listen(headers);
      },
      (wrong) => this.#end(wrong),
    );
  }

  async send(message: Outgoing): Promise<SendResult> {
    const body = Buffer.from(message.text, "utf8");
    if (this.#isEnded || !this.#open.hasRoomFor(body.length)) return "not_sent";
    this.#server.load.waitingBytes += body.length;
    const path = await this.#endpoint;
    this.#server.load.waitingBytes -= body.length;
    if (this.#isEnded || path === undefined) return "not_sent";
    return new Promise((resolve) => {
      authorize(
        this.#server.authorization,
        (headers) => {
          if (this.#isEnded) resolve("not_sent");
          else this.#post(path, message, body, headers, resolve);
        },
        (wrong) => {
          this.#tellRefusal(message.kind === "request" ? message.id : undefined, wrong);
          resolve("not_sent");
        },
      );
    });
  }

  /** All answers come on one stream, which stays open. */
  abandon(): boolean {
    return false;
  }

  listen(): boolean {
    return false;
  }

  unlisten(): void {}

  close(): Promise<void> {
    this.#finish();
    return Promise.resolve();
  }

  #listen(authorization: HeaderList): void {
    const { dispatch, url, fixedHeaders } = this.#server;
    const calls: ExchangeCalls = {
      kind: "listen",
      requestId: undefined,
      hasSession: false,
      onSent: () => {},
      onHead: (status) =>
        status === 405 ? failure("UPSTREAM_GARBAGE", "the server has no such stream (HTTP status 405)") : undefined,
      onMessage: (bytes) => {
        if (bytes !== undefined) this.#events.onMessage(bytes, {});
      },
      onOtherEvent: (event, data) => {
        if (event === "endpoint") this.#takeEndpoint(data);
      },
      onFinish: (end) => this.#end(streamFailure(end)),
      onDrop: () => {},
    };
    const exchange = this.#open.begin(watched(calls, this.#server.authorization, authorization), 0);
    const headers = headerList(fixedHeaders, ["accept", "text/event-stream"], {}, authorization);
    dispatch({ path: pathOf(url), method: "GET", headers, headersTimeout: 0, bodyTimeout: 0 }, exchange);
  }

  /** The first one counts: a later one would lead what is sent elsewhere. */
  #takeEndpoint(data: Uint8Array): void {
    const path = readEndpoint(data, this.#server.url);
    if (path === undefined) {
      return this.#end(failure("UPSTREAM_GARBAGE", "the server names an address that is not its own"));
    }
    clearTimeout(this.#timer);
    this.#foundEndpoint(path);
  }

  #post(
    path: string,
    message: Outgoing,
    body: Buffer,
    authorization: HeaderList,
    resolve: (result: SendResult) => void,
  ): void {
    const { dispatch, fixedHeaders } = this.#server;
    const requestId: RequestId | undefined = message.kind === "request" ? message.id : undefined;
    const calls: ExchangeCalls = {
      kind: "message",
      requestId,
      hasSession: false,
      onSent: () => {
        if (requestId !== undefined) resolve("sent");
      },
      onHead: () => {
        resolve("sent");
        return undefined;
      },
      onMessage: (bytes) => this.#events.onMessage(bytes, requestId === undefined ? {} : { requestId }),
      onFinish: (end) => {
        const wrong = end.kind === "answered" ? undefined : end.failure;
        if (wrong !== undefined) this.#tellRefusal(requestId, wrong);
        resolve(end.kind === "not_reached" ? "not_sent" : "unknown");
      },
      onDrop: (isStarted) => resolve(isStarted ? "unknown" : "not_sent"),
    };
    const exchange = this.#open.begin(watched(calls, this.#server.authorization, authorization), body.length);
    const headers = headerList(fixedHeaders, postHeaders, message.headers, authorization);
    dispatch({ path, method: "POST", headers, body, headersTimeout: acceptTimeoutMs, bodyTimeout: 0 }, exchange);
  }

  #tellRefusal(requestId: RequestId | undefined, wrong: UpstreamFailure): void {
    if (requestId !== undefined) return this.#events.onStreamEnd({ requestId }, wrong);
    const { logger, name } = this.#server;
    logger.warn({ server: name, code: wrong.code, reason: wrong.message }, "the server did not take a message");
  }

  #end(reason: UpstreamFailure): void {
    if (this.#isEnded) return;
    this.#finish();
    this.#events.onEnd(reason);
  }

  #finish(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#foundEndpoint(undefined);
    this.#open.dropAll();
  }
}

function streamFailure(end: ExchangeEnd): UpstreamFailure {
  const wrong = end.kind === "answered" ? undefined : end.failure;
  return wrong ?? failure("UPSTREAM_EXITED", "the server closed its stream");
}
