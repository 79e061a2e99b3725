import type { IncomingHttpHeaders } from "node:http";
import type { UpstreamFailure } from "../transport.ts";
import { failure, statusFailure } from "./upstream-failure.ts";

/** What was sent: a request of ours that wants an answer, anything else of ours, or a GET that listens. */
export type ExchangeKind = "request" | "message" | "listen";

/** How the body of an answer is read. */
export type BodyPlan =
  /** One message, handed over. `failure` is what came of the exchange when the message is not the answer. */
  | { readonly read: "whole"; readonly failure: UpstreamFailure | undefined; readonly mustBeMessage: boolean }
  | { readonly read: "events" }
  /** Nothing in it counts. */
  | { readonly read: "nothing"; readonly failure: UpstreamFailure | undefined };

/** Pure. Decides by status and headers alone what an answer's body is (MCP, Transports §Streamable HTTP). */
export function planBody(
  kind: ExchangeKind,
  status: number,
  headers: IncomingHttpHeaders,
  hasSession: boolean,
): BodyPlan {
  if (kind === "listen" && status === 405) return nothing("the server has no stream to listen on");
  const type = mediaType(headers["content-type"]);
  if (status >= 300) {
    const refused = statusFailure(status, hasSession);
    // Only what the server says of the message is for the client; its quarrel with the gateway's credentials is not.
    const isForClient =
      status >= 400 && refused.code !== "UPSTREAM_REFUSED" && refused.code !== "UPSTREAM_SESSION_ENDED";
    return isForClient && type === "application/json" && kind !== "listen" && isIdentity(headers)
      ? { read: "whole", failure: refused, mustBeMessage: true }
      : { read: "nothing", failure: refused };
  }
  if (!isIdentity(headers)) return nothing("the server's answer is encoded, which was not asked for");
  if (type === "text/event-stream") return { read: "events" };
  if (kind === "listen") return nothing("the server's answer is no event stream");
  if (type === "application/json") {
    const unanswered = failure("UPSTREAM_GARBAGE", "the server's answer does not answer the request");
    return { read: "whole", failure: kind === "request" ? unanswered : undefined, mustBeMessage: false };
  }
  if (kind === "message") return { read: "nothing", failure: undefined };
  return nothing(
    status === 200
      ? "the server's answer is neither JSON nor an event stream"
      : `the server answered a request with HTTP status ${status}`,
  );
}

function nothing(message: string): BodyPlan {
  return { read: "nothing", failure: failure("UPSTREAM_GARBAGE", message) };
}

/** Lower case, without parameters; "" for a header that is missing or came more than once. */
function mediaType(value: unknown): string {
  return typeof value === "string" ? (value.split(";", 1)[0] ?? "").trim().toLowerCase() : "";
}

function isIdentity(headers: IncomingHttpHeaders): boolean {
  const encoding: unknown = headers["content-encoding"];
  return encoding === undefined || (typeof encoding === "string" && encoding.trim().toLowerCase() === "identity");
}
