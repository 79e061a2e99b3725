import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { RequestId } from "../../protocol/jsonrpc.ts";
import type { UpstreamFailure } from "../transport.ts";
import {
  type BodyLimits,
  type BodyReader,
  type BodySink,
  createDropReader,
  createEventReader,
  createWholeReader,
} from "./upstream-body.ts";
import { brokenFailure, connectFailure, failure } from "./upstream-failure.ts";
import { type BodyPlan, type ExchangeKind, planBody } from "./upstream-plan.ts";

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

/** What an exchange is, and what its connection is told of it. */
export interface ExchangeCalls {
  readonly kind: ExchangeKind;
  /** Of the request whose answer is looked for. */
  readonly requestId: RequestId | undefined;
  /** Whether it belongs to a session. */
  readonly hasSession: boolean;
  /** The bytes were handed to the network. */
  readonly onSent: () => void;
  /** Returns why the answer is not read any further, or undefined. */
  readonly onHead: (status: number, headers: IncomingHttpHeaders) => UpstreamFailure | undefined;
  readonly onMessage: BodySink["onMessage"];
  readonly onOtherEvent?: BodySink["onOtherEvent"];
  /** Called once, last; not when the exchange is given up. */
  readonly onFinish: (end: ExchangeEnd) => void;
  /** Called in place of `onFinish` when the exchange is given up; whether a byte may have left by then. */
  readonly onDrop: (isStarted: boolean) => void;
}

/** Who keeps count of the exchanges that are open. */
export interface ExchangeBook {
  /** Longest message, bytes. */
  readonly messageBytesMax: number;
  /** Milliseconds for a body that is not a stream. */
  readonly bodyTimeoutMs: number;
  /** There is a connection, and the bytes are about to go out on it. */
  noteStart(): void;
  /** An answer has begun. */
  noteHead(exchange: HttpExchange): void;
  /** The exchange has ended. */
  noteEnd(exchange: HttpExchange): void;
}

/** Interim answers (`103 Early Hints`) before a server is given up. */
const interimMax = 32;

/** How long a server may keep a stream open behind the answer, milliseconds. */
const lingerMs = 2_000;

/** One exchange over a connection of the pool: undici calls it with what comes. */
export class HttpExchange implements Dispatcher.DispatchHandler, BodySink {
  readonly calls: ExchangeCalls;
  /** Bytes that went out, or are about to, and wait for an answer to begin; kept by the book. */
  waitingBytes: number;
  readonly #book: ExchangeBook;
  #controller: Dispatcher.DispatchController | undefined;
  #reader: BodyReader | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isFinished = false;
  #isAnswered = false;
  #isStream = false;
  #interimCount = 0;
  #eventId: string | undefined;
  /** What the end of the body means unless something else goes wrong. */
  #failure: UpstreamFailure | undefined;
  /** What is known from status and headers already, whatever becomes of the body. */
  #known: UpstreamFailure | undefined;

  constructor(calls: ExchangeCalls, waitingBytes: number, book: ExchangeBook) {
    this.calls = calls;
    this.waitingBytes = waitingBytes;
    this.#book = book;
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
    this.#book.noteStart();
  }

  onRequestSent(): void {
    if (!this.#isFinished) this.calls.onSent();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#isFinished) return;
    if (status < 200) {
      this.#interimCount += 1;
      if (this.#interimCount > interimMax) this.#giveUp(failure("UPSTREAM_GARBAGE", "the server never answers"));
      return;
    }
    this.#book.noteHead(this);
    const wrong = this.calls.onHead(status, headers);
    if (wrong !== undefined) return this.#giveUp(wrong);
    const plan = planBody(this.calls.kind, status, headers, this.calls.hasSession);
    if (plan.read === "events") this.#readEvents();
    else this.#readBody(plan, status);
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

  onResponseError(_: Dispatcher.DispatchController | null, error: unknown): void {
    if (this.#isFinished) return;
    if (this.#controller === undefined) return this.#tell({ kind: "not_reached", failure: connectFailure(error) });
    const phase = this.#reader === undefined ? "waiting" : this.#isStream ? "stream" : "body";
    this.#finish(this.#known ?? brokenFailure(error, phase));
  }

  /** @see BodySink */
  onMessage(bytes: Uint8Array | undefined, eventId: string | undefined, retryMs: number | undefined): void {
    this.#eventId = eventId ?? this.#eventId;
    if (!this.#isFinished) this.calls.onMessage(bytes, eventId, retryMs);
  }

  /** @see BodySink */
  onAnswer(): void {
    this.#isAnswered = true;
    if (this.#isStream && !this.#isFinished) this.#setTimer(lingerMs, undefined);
  }

  /** @see BodySink */
  onOtherEvent(event: string, data: Uint8Array): void {
    if (!this.#isFinished) this.calls.onOtherEvent?.(event, data);
  }

  #readEvents(): void {
    this.#isStream = true;
    this.#reader = createEventReader(this.#limits(), this);
    if (this.calls.kind === "request") {
      this.#failure = failure("UPSTREAM_EXITED", "the server closed its stream before it answered");
    }
  }

  #readBody(plan: Exclude<BodyPlan, { read: "events" }>, status: number): void {
    this.#failure = plan.failure;
    this.#known = plan.read === "nothing" || status >= 300 ? plan.failure : undefined;
    this.#reader =
      plan.read === "whole"
        ? createWholeReader(this.#limits(), plan.mustBeMessage, this)
        : createDropReader(() => this.#giveUp(plan.failure));
    const late = this.#known ?? failure("UPSTREAM_TIMEOUT", "the server did not finish its answer in time");
    this.#setTimer(this.#book.bodyTimeoutMs, late);
  }

  #limits(): BodyLimits {
    const { requestId, kind } = this.calls;
    return { messageBytesMax: this.#book.messageBytesMax, requestId, kind };
  }

  #setTimer(ms: number, wrong: UpstreamFailure | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(wrong), ms);
  }

  #giveUp(wrong: UpstreamFailure | undefined): void {
    this.#finish(wrong);
    this.#controller?.abort(new Error("given up"));
  }

  #finish(wrong: UpstreamFailure | undefined): void {
    if (this.#isFinished) return;
    const retryMs = this.#reader?.retryMs?.();
    const end: ExchangeEnd = { kind: "unanswered", failure: wrong, eventId: this.#eventId, retryMs };
    this.#tell(this.#isAnswered ? { kind: "answered" } : end);
  }

  #tell(end: ExchangeEnd): void {
    this.#isFinished = true;
    clearTimeout(this.#timer);
    this.#book.noteEnd(this);
    this.calls.onFinish(end);
  }
}
