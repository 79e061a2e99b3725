import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { RequestId } from "../../protocol/jsonrpc.ts";
import type { UpstreamFailure } from "../transport.ts";
import {
  type BodyReader,
  type BodySink,
  createDropReader,
  createEventReader,
  createWholeReader,
} from "./upstream-body.ts";
import { brokenFailure, connectFailure, failure } from "./upstream-failure.ts";
import { type ExchangeKind, planBody } from "./upstream-plan.ts";

/** How an exchange ended. */
export type ExchangeEnd =
  /** There was no connection: not one byte left. */
  | { readonly kind: "not_reached"; readonly failure: UpstreamFailure }
  | { readonly kind: "answered" }
  /** Without an answer. No failure when the server closed a stream on purpose, or nothing was to be answered. */
  | {
      readonly kind: "unanswered";
      readonly failure: UpstreamFailure | undefined;
      /** The last event's id. */
      readonly eventId: string | undefined;
      readonly retryMs: number | undefined;
    };

/** One HTTP request to a server, and what is told of it. */
export interface ExchangeOptions {
  readonly kind: ExchangeKind;
  readonly requestId: RequestId | undefined;
  readonly hasSession: boolean;
  readonly messageBytesMax: number;
  /** Milliseconds for a body that is not a stream. */
  readonly bodyTimeoutMs: number;
  /** There is a connection, and the bytes are about to go out on it. */
  readonly onStart: () => void;
  /** The bytes were handed to the connection. */
  readonly onSent: () => void;
  /** Returns why the answer is not read any further, or undefined. */
  readonly onHead: (status: number, headers: IncomingHttpHeaders) => UpstreamFailure | undefined;
  readonly onMessage: BodySink["onMessage"];
  readonly onOtherEvent?: BodySink["onOtherEvent"];
  /** Called once, last; never after {@link HttpExchange.abort}. */
  readonly onFinish: (end: ExchangeEnd) => void;
}

/** Interim answers (`103 Early Hints`) before a server is given up. */
const interimMax = 32;

/** How long a server may keep a stream open behind the answer, milliseconds. */
const lingerMs = 2_000;

/** One exchange over a connection of the pool: undici calls it with what comes. */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  #controller: Dispatcher.DispatchController | undefined;
  #reader: BodyReader | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isFinished = false;
  #isAnswered = false;
  #interimCount = 0;
  #eventId: string | undefined;
  #streamRetryMs: () => number | undefined = () => undefined;
  #isStream = false;
  /** What the end of the body means unless something else goes wrong. */
  #failure: UpstreamFailure | undefined;
  /** What is known from status and headers already, whatever becomes of the body. */
  #known: UpstreamFailure | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Whether a byte may have left. */
  get isStarted(): boolean {
    return this.#controller !== undefined;
  }

  /** Closes the connection, or keeps the request from being sent. Nothing is told any more. */
  abort(): void {
    this.#isFinished = true;
    clearTimeout(this.#timer);
    this.#controller?.abort(new Error("given up"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection. undici writes nothing after an abort here.
    if (this.#isFinished) return controller.abort(new Error("given up"));
    this.#controller = controller;
    this.#options.onStart();
  }

  onRequestSent(): void {
    if (!this.#isFinished) this.#options.onSent();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) {
      this.#interimCount += 1;
      if (this.#interimCount > interimMax) this.#giveUp(failure("UPSTREAM_GARBAGE", "the server never answers"));
      return;
    }
    if (this.#isFinished) return;
    const plan = planBody(this.#options.kind, status, headers, this.#options.hasSession);
    const wrong = this.#options.onHead(status, headers);
    if (wrong !== undefined) return this.#giveUp(wrong);
    const sink: BodySink = {
      onMessage: (bytes, eventId, retryMs) => {
        this.#eventId = eventId ?? this.#eventId;
        if (!this.#isFinished) this.#options.onMessage(bytes, eventId, retryMs);
      },
      onAnswer: () => this.#noteAnswer(),
      onOtherEvent: (event, data) => {
        if (!this.#isFinished) this.#options.onOtherEvent?.(event, data);
      },
    };
    if (plan.read === "events") {
      const reader = createEventReader(this.#options, sink);
      this.#isStream = true;
      this.#reader = reader;
      this.#streamRetryMs = reader.retryMs;
      if (this.#options.kind === "request") {
        this.#failure = failure("UPSTREAM_EXITED", "the server closed its stream before it answered");
      }
      return;
    }
    this.#failure = plan.failure;
    this.#known = plan.read === "nothing" || status >= 300 ? plan.failure : undefined;
    this.#reader =
      plan.read === "whole"
        ? createWholeReader(this.#options, plan.mustBeMessage, sink)
        : createDropReader(() => this.#giveUp(plan.failure));
    this.#timer = setTimeout(() => {
      this.#giveUp(this.#known ?? failure("UPSTREAM_TIMEOUT", "the server did not finish its answer in time"));
    }, this.#options.bodyTimeoutMs);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#isFinished) return;
    const wrong = this.#reader?.push(chunk);
    if (wrong !== undefined) this.#giveUp(wrong);
  }

  onResponseEnd(): void {
    if (this.#isFinished) return;
    const wrong = this.#reader?.end();
    this.#finish(wrong ?? this.#failure);
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#isFinished) return;
    if (this.#controller === undefined) {
      this.#isFinished = true;
      this.#options.onFinish({ kind: "not_reached", failure: connectFailure(error) });
      return;
    }
    const phase = this.#reader === undefined ? "waiting" : this.#isStream ? "stream" : "body";
    this.#finish(this.#known ?? brokenFailure(error, phase));
  }

  #noteAnswer(): void {
    this.#isAnswered = true;
    if (!this.#isStream) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(undefined), lingerMs);
  }

  #giveUp(wrong: UpstreamFailure | undefined): void {
    this.#finish(wrong);
    this.#controller?.abort(new Error("given up"));
  }

  #finish(wrong: UpstreamFailure | undefined): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    clearTimeout(this.#timer);
    this.#options.onFinish(
      this.#isAnswered
        ? { kind: "answered" }
        : { kind: "unanswered", failure: wrong, eventId: this.#eventId, retryMs: this.#streamRetryMs() },
    );
  }
}
