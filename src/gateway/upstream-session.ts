import type { Clock } from "../clock.ts";
import type { ErrorCode } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Logger } from "../logger.ts";
import {
  classifyServerMessage,
  type ServerNotification,
  type ServerRequest,
  type ServerResponse,
} from "../protocol/classify.ts";
import type { RequestId } from "../protocol/jsonrpc.ts";
import { withoutGatewayMeta } from "../protocol/gateway-meta.ts";
import { isServed } from "../protocol/methods.ts";
import { errorReply, jsonRpcCodes, resultReply } from "../protocol/replies.ts";
import { memberSpan, replaceSpan } from "../protocol/spans.ts";
import type { UpstreamConnection, UpstreamEnd } from "../transports/transport.ts";
import type { JsonObject, JsonValue } from "../values/json.ts";
import type { ServerRecord } from "./snapshot.ts";

/** What came of a request to an upstream server. */
export type UpstreamAnswer =
  | { readonly kind: "answered"; readonly response: ServerResponse; readonly text: string }
  | {
      readonly kind: "failed";
      readonly code: Extract<ErrorCode, `UPSTREAM_${string}`>;
      /** For the agent: lower case, no secret. */
      readonly message: string;
      /** Whether it is certain that no byte of the request left. */
      readonly isNotSent: boolean;
    }
  | { readonly kind: "cancelled"; readonly isNotSent: boolean };

/** A client's request on its way to the server. */
export interface UpstreamRequest {
  readonly text: string;
  readonly id: RequestId;
  readonly params: JsonObject | undefined;
  readonly timeoutMs: number;
  /** Takes notifications that belong to this request. */
  readonly notify: (text: string) => void;
  /** Aborted when the client is gone; what that means depends on the era. */
  readonly cancel?: AbortSignal;
}

/** How one connection to a server is used. */
export interface UpstreamSessionOptions {
  readonly server: ServerRecord;
  /**
   * `exclusive`: one client owns it, its bytes go out unchanged. `shared`: several clients use it, request ids and
   * progress tokens are replaced by unguessable ones.
   */
  readonly use: "exclusive" | "shared";
  readonly clock: Clock;
  readonly logger: Logger;
  /** Notifications that belong to no request. */
  readonly onNotification: (notification: ServerNotification) => void;
  /** A request of the server's, which was refused (`ping` aside). */
  readonly onRefused: (method: string) => void;
  readonly onEnd: (end: UpstreamEnd) => void;
}

/** Ids of given-up requests that are remembered; the official clients never use an id twice. */
const abandonedMax = 10_000;

interface Pending {
  readonly clientId: RequestId;
  readonly progressToken: JsonValue | undefined;
  readonly clientProgressToken: JsonValue | undefined;
  readonly notify: (text: string) => void;
  readonly settle: (answer: UpstreamAnswer) => void;
  readonly keepAlive: () => void;
  isSent: boolean;
}

/** Bytes of noise (what is not MCP, or is not passed on) in a row after which a server is given up. */
const noiseBytesMax = 64 * 1024 * 1024;

/** One open connection to a server: joins answers to requests, whoever asked. A thing with a life: `close` it. */
export class UpstreamSession {
  readonly server: ServerRecord;
  readonly #options: UpstreamSessionOptions;
  readonly #connection: UpstreamConnection;
  readonly #pending = new Map<string, Pending>();
  readonly #claimed = new Map<string, object>();
  /** Ids of requests that were sent and given up, oldest first: a late answer must not be taken for another's. */
  readonly #abandoned = new Set<string>();
  #end: UpstreamEnd | undefined;
  #noiseBytes = 0;

  constructor(options: UpstreamSessionOptions) {
    this.server = options.server;
    this.#options = options;
    this.#connection = options.server.upstream.connect({
      onMessage: (bytes) => this.#receive(bytes),
      onEnd: (end) => this.#finish(end),
    });
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Takes an id for a request of the one client of this connection, until it is answered or its owner releases it
   * (`1` and `"1"` are different ids). False while another request has it, or when the server may still answer one
   * that was given up.
   */
  claim(id: RequestId, owner: object): boolean {
    const key = keyOf(id);
    if (this.#claimed.has(key) || this.#abandoned.has(key)) return false;
    this.#claimed.set(key, owner);
    return true;
  }

  /** Gives an id back, if it is still its owner's. */
  release(id: RequestId, owner: object): void {
    if (this.#claimed.get(keyOf(id)) === owner) this.#claimed.delete(keyOf(id));
  }

  /** Sends a client's request and waits for its answer. Never rejects. */
  async request(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const end = this.#end;
    if (end !== undefined) return failed(end, true);
    const isShared = this.#options.use === "shared";
    const wireId = isShared ? newId("cg") : request.id;
    let text = request.text;
    const clientProgressToken = progressTokenOf(request.params);
    let progressToken = clientProgressToken;
    if (isShared) {
      if (progressToken !== undefined) {
        progressToken = wireId;
        text = replaceMember(text, ["params", "_meta", "progressToken"], JSON.stringify(wireId));
      }
      text = replaceMember(text, ["id"], JSON.stringify(wireId));
    }
    return this.#exchange(wireId, text, { ...request, progressToken, clientProgressToken });
  }

  /** Sends a request of the gateway's own. Resolves to its result, or undefined when the server failed or refused. */
  async ask(method: string, params: JsonObject, timeoutMs: number): Promise<UpstreamAnswer> {
    const id = newId("cg");
    const text = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    return this.#exchange(id, text, { text, id, params, timeoutMs, notify: () => {} });
  }

  /** Passes a notification on as it is. */
  async notify(text: string): Promise<void> {
    await this.#connection.send(text);
  }

  /** Gives up a request: tells the server, and settles it as cancelled. False when no such request is under way. */
  cancel(id: RequestId, text: string): boolean {
    const pending = this.#pending.get(keyOf(id));
    if (pending === undefined) return false;
    if (pending.isSent) {
      this.#abandon(keyOf(id));
      void this.#connection.send(text);
    }
    this.#settle(keyOf(id), { kind: "cancelled", isNotSent: !pending.isSent });
    return true;
  }

  /** Ends the connection, and a child process with it. */
  async close(): Promise<void> {
    this.#finish({ code: "UPSTREAM_EXITED", message: "the connection to the server was closed" });
    await this.#connection.close();
  }

  async #exchange(
    wireId: RequestId,
    text: string,
    request: UpstreamRequest & {
      readonly progressToken?: JsonValue | undefined;
      readonly clientProgressToken?: JsonValue | undefined;
    },
  ): Promise<UpstreamAnswer> {
    const key = keyOf(wireId);
    return new Promise<UpstreamAnswer>((resolve) => {
      const timer = setTimeout(() => this.#timeOut(key, wireId, request), request.timeoutMs);
      const onGone = (): void => void this.cancel(wireId, cancelledNotification(wireId));
      const pending: Pending = {
        clientId: request.id,
        progressToken: request.progressToken,
        clientProgressToken: request.clientProgressToken,
        notify: request.notify,
        keepAlive: () => timer.refresh(),
        isSent: false,
        settle: (answer) => {
          clearTimeout(timer);
          request.cancel?.removeEventListener("abort", onGone);
          resolve(answer);
        },
      };
      this.#pending.set(key, pending);
      if (request.cancel?.aborted === true) return onGone();
      request.cancel?.addEventListener("abort", onGone, { once: true });
      pending.isSent = true;
      void this.#connection.send(text).then((result) => {
        if (result !== "not_sent") return;
        const code = this.#end?.code ?? "UPSTREAM_OVERLOADED";
        const message = this.#end?.message ?? "the server does not read its input: try again later";
        this.#settle(key, { kind: "failed", code, message, isNotSent: true });
      });
    });
  }

  #abandon(key: string): void {
    this.#abandoned.add(key);
    const [oldest] = this.#abandoned;
    if (oldest !== undefined && this.#abandoned.size > abandonedMax) this.#abandoned.delete(oldest);
  }

  #timeOut(key: string, wireId: RequestId, request: UpstreamRequest): void {
    this.#abandon(key);
    void this.#connection.send(cancelledNotification(wireId));
    const seconds = Math.round(request.timeoutMs / 1000);
    this.#settle(key, {
      kind: "failed",
      code: "UPSTREAM_TIMEOUT",
      message: `the server did not answer within ${seconds} s`,
      isNotSent: false,
    });
  }

  #receive(bytes: Uint8Array): void {
    const message = classifyServerMessage(bytes);
    switch (message.kind) {
      case "response":
        this.#noiseBytes = 0;
        return this.#answer(message);
      case "notification":
        return this.#passOn(message, bytes.length);
      case "request":
        this.#noiseBytes = 0;
        return this.#refuse(message);
      case "garbage":
        return this.#skipNoise(message.reason, message.id, bytes.length);
    }
  }

  #answer(response: ServerResponse): void {
    const pending = response.id === null ? undefined : this.#pending.get(keyOf(response.id));
    if (pending === undefined || response.id === null) {
      if (response.id !== null) this.#abandoned.delete(keyOf(response.id));
      this.#options.logger.debug({ server: this.server.name }, "answer to no request dropped");
      return;
    }
    const own = withoutGatewayMeta(response);
    const text = pending.clientId === response.id ? own : replaceMember(own, ["id"], JSON.stringify(pending.clientId));
    this.#settle(keyOf(response.id), { kind: "answered", response, text });
  }

  #passOn(notification: ServerNotification, byteLength: number): void {
    if (!isServed("server_to_client", "notification", notification.method, "legacy")) {
      return this.#countNoise(byteLength);
    }
    this.#noiseBytes = 0;
    if (notification.method === "notifications/progress") {
      const token = notification.params["progressToken"];
      for (const pending of this.#pending.values()) {
        if (pending.progressToken === undefined || pending.progressToken !== token) continue;
        pending.keepAlive();
        const shown = pending.clientProgressToken;
        pending.notify(
          shown === token || shown === undefined
            ? notification.text
            : replaceMember(notification.text, ["params", "progressToken"], JSON.stringify(shown)),
        );
        return;
      }
      return;
    }
    this.#options.onNotification(notification);
  }

  #refuse(request: ServerRequest): void {
    if (request.method === "ping") {
      void this.#connection.send(resultReply(request.id, {}));
      return;
    }
    this.#options.onRefused(request.method);
    void this.#connection.send(
      errorReply(request.id, jsonRpcCodes.methodNotFound, "the gateway does not pass this request to the client"),
    );
  }

  #skipNoise(reason: string, id: RequestId | undefined, byteLength: number): void {
    const pending = id === undefined ? undefined : this.#pending.get(keyOf(id));
    if (id !== undefined && pending !== undefined) {
      this.#settle(keyOf(id), {
        kind: "failed",
        code: "UPSTREAM_GARBAGE",
        message: `the server's answer could not be read (${reason}) and was withheld`,
        isNotSent: false,
      });
      return;
    }
    this.#options.logger.debug({ server: this.server.name, reason }, "noise on the server's output dropped");
    this.#countNoise(byteLength);
  }

  #countNoise(byteLength: number): void {
    this.#noiseBytes += byteLength;
    if (this.#noiseBytes <= noiseBytesMax) return;
    this.#finish({ code: "UPSTREAM_GARBAGE", message: "the server floods its output" });
    void this.#connection.close();
  }

  #settle(key: string, answer: UpstreamAnswer): void {
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    // Before the answer leaves: a client that uses one id over and over may use it again at once.
    this.#claimed.delete(key);
    pending?.settle(answer);
  }

  #finish(end: UpstreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (const [key, pending] of this.#pending) this.#settle(key, failed(end, !pending.isSent));
    this.#options.onEnd(end);
  }
}

function failed(end: UpstreamEnd, isNotSent: boolean): UpstreamAnswer {
  return { kind: "failed", code: end.code, message: end.message, isNotSent };
}

function keyOf(id: RequestId): string {
  return typeof id === "string" ? `s${id}` : `n${id}`;
}

function progressTokenOf(params: JsonObject | undefined): JsonValue | undefined {
  const meta = params?.["_meta"];
  return typeof meta === "object" && meta !== null && !Array.isArray(meta) && "progressToken" in meta
    ? meta["progressToken"]
    : undefined;
}

function replaceMember(text: string, path: readonly string[], json: string): string {
  const span = memberSpan(text, path);
  return span === undefined ? text : replaceSpan(text, span, json);
}

function cancelledNotification(requestId: RequestId): string {
  return JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });
}
