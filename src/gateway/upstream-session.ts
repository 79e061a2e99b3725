import type { Clock } from "../clock.ts";
import { newId } from "../ids.ts";
import type { Logger } from "../logger.ts";
import {
  classifyServerMessage,
  type ServerNotification,
  type ServerRequest,
  type ServerResponse,
} from "../protocol/classify.ts";
import type { Era } from "../protocol/eras/era.ts";
import { withoutGatewayMeta } from "../protocol/gateway-meta.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import { serverTreatment } from "../protocol/methods.ts";
import type { Exchange, Origin, Outgoing, UpstreamConnection, UpstreamFailure } from "../transports/transport.ts";
import type { JsonObject, JsonValue } from "../values/json.ts";
import { Allowance } from "./allowance.ts";
import { EventIds } from "./event-ids.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { KeptStream } from "./kept-stream.ts";
import { Listener } from "./listener.ts";
import { RequestIds } from "./request-ids.ts";
import { Resumption } from "./resumption.ts";
import type { ServerRecord } from "./snapshot.ts";
import {
  type EventMarks,
  nobody,
  type Unasked,
  type UpstreamAnswer,
  type UpstreamRequest,
} from "./upstream-request.ts";
import {
  answerUnder,
  cancelledNotification,
  keyOf,
  progressTokenOf,
  replaceMember,
  subscriptionIdOf,
  subscriptionUnder,
} from "./wire-ids.ts";

/** How one connection to a server is used. */
export interface UpstreamSessionOptions {
  readonly server: ServerRecord;
  /**
   * `exclusive`: one client owns it, its bytes go out unchanged. `shared`: several clients of one grant use it, request
   * ids and progress tokens are replaced by unguessable ones.
   */
  readonly use: "exclusive" | "shared";
  /** The gateway itself comes back for an answer whose stream ends early: the clients know nothing of such streams. */
  readonly isResumed?: boolean;
  /** The server is a gateway of ours: what it says in the gateway's name is true and stays. */
  readonly isGateway?: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onNotification: (unasked: Unasked<ServerNotification>) => void;
  readonly onRequest: (unasked: Unasked<ServerRequest>) => void;
  readonly onEnd: (end: UpstreamFailure) => void;
}

interface Pending {
  readonly era: Era;
  readonly clientId: RequestId;
  readonly progressToken: JsonValue | undefined;
  readonly clientProgressToken: JsonValue | undefined;
  readonly exchange: Exchange;
  readonly settle: (answer: UpstreamAnswer) => void;
  readonly keepAlive: () => void;
  /** Progress that its client is still told: a flood of it would fill the way back. */
  readonly progress: Allowance;
  /** Whether it lasts until somebody ends it: what belongs to it says so by its subscription. */
  readonly isLasting: boolean;
  isSent: boolean;
}

/** Progress of one request that is passed on: both sides should keep it from flooding (MCP 2025-11-25, Progress). */
const progressAtOnce = 100;
const progressPerSecond = 10;

/** Bytes of noise (what is not MCP, or is not passed on) in a row after which a server is given up. */
const noiseBytesMax = 64 * 1024 * 1024;

/** One open connection to a server: joins answers to requests, whoever asked. A thing with a life: `close` it. */
export class UpstreamSession {
  readonly server: ServerRecord;
  readonly #options: UpstreamSessionOptions;
  readonly #connection: UpstreamConnection;
  readonly #pending = new Map<string, Pending>();
  /** The ids that the one client of an exclusive connection uses. */
  readonly ids: RequestIds = new RequestIds();
  readonly #listeners = new Map<string, Listener>();
  readonly #eventIds = new EventIds();
  #end: UpstreamFailure | undefined;
  #noiseBytes = 0;
  /** Whether another call was under way at some time while those under way now were. */
  #hadCompany = false;
  /** Whether a call was given up, of which the server may still speak. */
  #hasGivenUp = false;
  readonly #resumption: Resumption | undefined;
  readonly #kept = new KeptStream(() => this.#connection);

  constructor(options: UpstreamSessionOptions) {
    this.server = options.server;
    this.#options = options;
    this.#resumption =
      options.isResumed === true
        ? new Resumption(
            () => this.#connection,
            (key, failure) => this.#settle(key, failed(failure, false)),
          )
        : undefined;
    this.#connection = options.server.upstream.connect({
      onMessage: (bytes, origin) => this.#receive(bytes, origin),
      onStreamEnd: (origin, failure) => this.#endStream(origin, failure),
      onEnd: (end) => this.#finish(end),
    });
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Whether several clients use it, none of whom may get what belongs to another. */
  get isShared(): boolean {
    return this.#options.use === "shared";
  }

  /** Whether something is under way for a client, or for the gateway itself; its own stream of news does not count. */
  get isBusy(): boolean {
    return [...this.#pending.values()].some(({ exchange, isLasting }) => exchange !== nobody || !isLasting);
  }

  /** What a stream's event says for resumption, as the client may know it. */
  marks({ eventId, retryMs }: Origin): EventMarks {
    return {
      ...(eventId === undefined ? {} : { id: this.#eventIds.seal(eventId) }),
      ...(retryMs === undefined ? {} : { retryMs }),
    };
  }

  /** The exchanges of the clients' requests under way, oldest first. */
  running(): readonly Exchange[] {
    return [...this.#pending.values()].filter(isOfClient).map(({ exchange }) => exchange);
  }

  /**
   * The client's request that everything must be about that names none: the only one since it began, and none before it
   * was given up. Of a request it has answered a server says nothing more (MCP, Progress and Logging).
   */
  alone(): Exchange | undefined {
    const [only, other] = this.running();
    return other !== undefined || this.#hadCompany || this.#hasGivenUp ? undefined : only;
  }

  /** Sends a client's request and waits for its answer. Never rejects. */
  async request(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const end = this.#end;
    if (end !== undefined) return failed(end, true);
    const clientProgressToken = progressTokenOf(request.params);
    if (this.#options.use === "exclusive") {
      return this.#exchange(request.id, request, clientProgressToken, clientProgressToken);
    }
    const wireId = newId("cg");
    let { text } = request;
    if (clientProgressToken !== undefined) {
      text = replaceMember(text, ["params", "_meta", "progressToken"], JSON.stringify(wireId));
    }
    text = replaceMember(text, ["id"], JSON.stringify(wireId));
    return this.#exchange(wireId, { ...request, text }, wireId, clientProgressToken);
  }

  /** Sends a request of the gateway's own; without a time-out for a stream that lasts until somebody ends it. */
  async ask(
    method: string,
    params: JsonObject,
    timeoutMs: number | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<UpstreamAnswer> {
    const end = this.#end;
    if (end !== undefined) return failed(end, true);
    const id = newId("cg");
    const text = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    const era: Era = "_meta" in params ? "modern" : "legacy";
    const request = { text, era, id, params, headers, timeoutMs, exchange: nobody, cancel: undefined };
    return this.#exchange(id, request, undefined, undefined);
  }

  /** Passes a notification or a client's response on as it is. */
  async pass(message: Outgoing): Promise<void> {
    await this.#connection.send(message);
  }

  /** Gives up a request: tells the server, and settles it as cancelled. False when no such request is under way. */
  cancel(id: RequestId, text: string): boolean {
    const pending = this.#pending.get(keyOf(id));
    if (pending === undefined) return false;
    if (pending.isSent) this.#giveUp(id, pending.era, text);
    this.#settle(keyOf(id), { kind: "cancelled", isNotSent: !pending.isSent });
    return true;
  }

  /**
   * Opens a stream of the server's own for a client that listens; ended when the client is gone. A last event that this
   * session was never given is none.
   */
  listen(exchange: Exchange, lastEventId: string | undefined, headers: Readonly<Record<string, string>>): void {
    const key = newId("listen");
    const resumed = lastEventId === undefined ? undefined : this.#eventIds.open(lastEventId);
    if (!this.#connection.listen(key, resumed, headers)) return;
    this.#listeners.set(key, new Listener(exchange));
    exchange.gone.addEventListener("abort", () => {
      this.#listeners.delete(key);
      this.#connection.unlisten(key);
    });
  }

  /**
   * Opens the server's own stream and keeps it open, for clients who cannot open it themselves. What comes on it is heard
   * by the owner of this session.
   */
  keepListening(headers: Readonly<Record<string, string>>): void {
    this.#kept.open(headers);
  }

  /** Ends the connection, and a child process with it. */
  async close(): Promise<void> {
    this.#finish({ code: "UPSTREAM_EXITED", message: "the connection to the server was closed" });
    await this.#connection.close();
  }

  async #exchange(
    wireId: RequestId,
    request: UpstreamRequest,
    progressToken: JsonValue | undefined,
    clientProgressToken: JsonValue | undefined,
  ): Promise<UpstreamAnswer> {
    const key = keyOf(wireId);
    const { clock } = this.#options;
    const deadlineMs = request.exchange !== nobody ? clock.monotonicMs() + this.server.callDeadlineMs : Infinity;
    return new Promise<UpstreamAnswer>((resolve) => {
      const { timeoutMs, cancel, era } = request;
      let timer: NodeJS.Timeout | undefined;
      const wait = (): void => {
        clearTimeout(timer);
        if (timeoutMs === undefined) return;
        const leftMs = deadlineMs - clock.monotonicMs();
        const withinMs = leftMs < timeoutMs ? this.server.callDeadlineMs : timeoutMs;
        timer = setTimeout(() => this.#timeOut(key, wireId, era, withinMs), Math.min(leftMs, timeoutMs));
      };
      wait();
      const onGone = (): void => void this.cancel(wireId, cancelledNotification(wireId));
      const pending: Pending = {
        era,
        clientId: request.id,
        progressToken,
        clientProgressToken,
        exchange: request.exchange,
        keepAlive: wait,
        progress: new Allowance(clock, progressAtOnce, progressPerSecond),
        isLasting: timeoutMs === undefined,
        isSent: false,
        settle: (answer) => {
          clearTimeout(timer);
          cancel?.removeEventListener("abort", onGone);
          resolve(answer);
        },
      };
      if (isOfClient(pending)) this.#hadCompany = this.#isCalled();
      this.#pending.set(key, pending);
      this.#resumption?.begin(key, request.headers);
      if (cancel?.aborted === true) return onGone();
      cancel?.addEventListener("abort", onGone, { once: true });
      pending.isSent = true;
      const { text, headers } = request;
      void this.#connection.send({ text, kind: "request", era, id: wireId, headers }).then((result) => {
        if (result !== "not_sent") return;
        const { code, message } = this.#end ?? {
          code: "UPSTREAM_OVERLOADED",
          message: "the server does not read its input: try again later",
        };
        this.#settle(key, { kind: "failed", code, message, isNotSent: true });
      });
    });
  }

  /** Without a list of them, since every call asks. */
  #isCalled(): boolean {
    for (const pending of this.#pending.values()) if (isOfClient(pending)) return true;
    return false;
  }

  #timeOut(key: string, wireId: RequestId, era: Era, withinMs: number): void {
    this.#giveUp(wireId, era, cancelledNotification(wireId));
    const message = `the server did not answer within ${Math.round(withinMs / 1000)} s`;
    this.#settle(key, { kind: "failed", code: "UPSTREAM_TIMEOUT", message, isNotSent: false });
  }

  /** Closing the stream says it in the modern era over HTTP; everywhere else a notification does. */
  #giveUp(id: RequestId, era: Era, text: string): void {
    this.ids.abandon(id);
    const pending = this.#pending.get(keyOf(id));
    if (pending !== undefined && isOfClient(pending)) this.#hasGivenUp = true;
    if (this.#connection.abandon(id) && era === "modern") return;
    void this.#connection.send({ text, kind: "notification", era, headers: {} });
  }

  #receive(received: Uint8Array | undefined, origin: Origin): void {
    this.#resumption?.note(origin);
    this.#kept.note(origin);
    const bytes = received === undefined ? undefined : hideSecrets(received, this.server.secrets);
    if (bytes === undefined) {
      if (this.#resumption === undefined) this.#exchangeOf(origin)?.event({ text: undefined, ...this.marks(origin) });
      return;
    }
    const message = classifyServerMessage(bytes);
    switch (message.kind) {
      case "response":
        this.#noiseBytes = 0;
        return this.#answer(message, origin);
      case "notification":
        return this.#passOn(message, bytes.length, origin);
      case "request":
        this.#noiseBytes = 0;
        return this.#options.onRequest({ message, exchange: this.#exchangeOf(origin), origin });
      case "garbage":
        return this.#withholdAnswer(message.reason, message.id ?? origin.requestId, bytes.length);
      case "noise":
        return this.#skipNoise(message.reason, bytes.length);
    }
  }

  #answer(response: ServerResponse, origin: Origin): void {
    // An error about a message whose id the server could not read answers the request on whose own stream it comes.
    const id = response.id ?? origin.requestId;
    const pending = id === undefined ? undefined : this.#pending.get(keyOf(id));
    if (pending === undefined || id === undefined) {
      if (id !== undefined) this.ids.answered(id);
      this.#options.logger.debug({ server: this.server.name }, "answer to no request dropped");
      return;
    }
    const said = this.#options.isGateway === true ? response.text : withoutGatewayMeta(response);
    const text = answerUnder(pending.clientId, response, said);
    // To a client that knows of no streams behind, all comes on its request's own.
    const listener =
      origin.listenKey === undefined || this.#resumption !== undefined
        ? undefined
        : this.#listeners.get(origin.listenKey);
    const via = listener?.owe(this.marks(origin)) ?? pending.exchange;
    this.#settle(keyOf(id), { kind: "answered", response, text, via });
    // Answered elsewhere, nothing comes on the request's own stream any more.
    if (listener !== undefined) pending.exchange.end();
  }

  #passOn(notification: ServerNotification, byteLength: number, origin: Origin): void {
    if (serverTreatment("notification", notification.method) === "refuse") return this.#countNoise(byteLength);
    this.#noiseBytes = 0;
    const { params, method } = notification;
    if (method === "notifications/progress") return this.#passProgress(notification, origin);
    if (method === "notifications/cancelled" && this.isShared) return this.#passCancelled(notification, origin);
    const subscription = subscriptionIdOf(params);
    const pending = subscription === undefined ? undefined : this.#pending.get(keyOf(subscription));
    if (subscription === undefined || pending === undefined) {
      this.#options.onNotification({ message: notification, exchange: this.#exchangeOf(origin), origin });
      return;
    }
    const text = subscriptionUnder(pending.clientId, "params", notification.text);
    this.#options.onNotification({ message: { ...notification, text }, exchange: pending.exchange, origin });
  }

  /** A server gives up a subscription (MCP 2026-07-28, Cancellation), which its client knows by another id. */
  #passCancelled(notification: ServerNotification, origin: Origin): void {
    const id = notification.params["requestId"];
    const pending = typeof id === "string" ? this.#pending.get(keyOf(id)) : undefined;
    if (pending === undefined) return;
    const text = replaceMember(notification.text, ["params", "requestId"], JSON.stringify(pending.clientId));
    this.#options.onNotification({ message: { ...notification, text }, exchange: pending.exchange, origin });
  }

  #passProgress(notification: ServerNotification, origin: Origin): void {
    const token = notification.params["progressToken"];
    for (const pending of this.#pending.values()) {
      if (pending.progressToken === undefined || pending.progressToken !== token) continue;
      pending.keepAlive();
      if (!pending.progress.take()) return;
      const shown = pending.clientProgressToken;
      const text =
        shown === token || shown === undefined
          ? notification.text
          : replaceMember(notification.text, ["params", "progressToken"], JSON.stringify(shown));
      if (this.#resumption !== undefined) return pending.exchange.event({ text });
      const listener = origin.listenKey === undefined ? undefined : this.#exchangeOf(origin);
      (listener ?? pending.exchange).event({ text, ...this.marks(origin) });
      return;
    }
  }

  #withholdAnswer(reason: string, asked: RequestId | undefined, byteLength: number): void {
    const key = asked === undefined ? undefined : keyOf(asked);
    if (key === undefined || !this.#pending.has(key)) return this.#skipNoise(reason, byteLength);
    const message = `the server's answer could not be read (${reason}) and was withheld`;
    this.#settle(key, { kind: "failed", code: "UPSTREAM_GARBAGE", message, isNotSent: false });
  }

  #skipNoise(reason: string, byteLength: number): void {
    this.#options.logger.debug({ server: this.server.name, reason }, "noise on the server's output dropped");
    this.#countNoise(byteLength);
  }

  #countNoise(byteLength: number): void {
    this.#noiseBytes += byteLength;
    if (this.#noiseBytes <= noiseBytesMax) return;
    this.#finish({ code: "UPSTREAM_GARBAGE", message: "the server floods its output" });
    void this.#connection.close();
  }

  #endStream(origin: Origin, failure: UpstreamFailure | undefined): void {
    if (this.#resumption?.hasTaken(origin, failure) === true || this.#kept.hasTaken(origin, failure)) return;
    const { requestId, listenKey } = origin;
    if (listenKey !== undefined) {
      this.#listeners.get(listenKey)?.end();
      this.#listeners.delete(listenKey);
      return;
    }
    // The session is over for everything that is under way in it.
    if (failure?.code === "UPSTREAM_SESSION_ENDED") return this.#finish(failure);
    const pending = requestId === undefined ? undefined : this.#pending.get(keyOf(requestId));
    if (requestId === undefined || pending === undefined) return;
    // Without a failure the answer comes on a stream that the client opens anew.
    if (failure === undefined) pending.exchange.end();
    else this.#settle(keyOf(requestId), failed(failure, isNeverSent(failure)));
  }

  #exchangeOf(origin: Origin): Exchange | undefined {
    if (origin.listenKey !== undefined) return this.#listeners.get(origin.listenKey)?.exchange;
    const own = origin.requestId === undefined ? undefined : this.#pending.get(keyOf(origin.requestId))?.exchange;
    // What comes on the stream of a request of the gateway's own is news for whoever listens.
    return own === nobody ? undefined : own;
  }

  #settle(key: string, answer: UpstreamAnswer): void {
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    this.#resumption?.end(key);
    this.ids.settle(key);
    pending?.settle(answer);
  }

  #finish(end: UpstreamFailure): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#kept.stop();
    for (const [key, pending] of this.#pending) {
      this.#settle(key, failed(end, !pending.isSent || end.code === "UPSTREAM_CREDENTIALS"));
    }
    for (const listener of this.#listeners.values()) listener.end();
    this.#listeners.clear();
    this.#options.onEnd(end);
  }
}

/** Whether it is a client's request, and comes to an end by itself. */
function isOfClient({ exchange, isLasting }: Pending): boolean {
  return exchange !== nobody && !isLasting;
}

// INVARIANT: a transport says these only of a request none of whose bytes left.
function isNeverSent({ code }: UpstreamFailure): boolean {
  return code === "UPSTREAM_START_FAILED" || code === "UPSTREAM_CREDENTIALS";
}

function failed(failure: UpstreamFailure, isNotSent: boolean): UpstreamAnswer {
  return { kind: "failed", code: failure.code, message: failure.message, isNotSent };
}
