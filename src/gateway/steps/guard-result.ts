import { door, type DoorKind } from "../../policy/index.ts";
import type { ClientRequest, ServerResponse } from "../../protocol/classify.ts";
import type { MessageContext } from "../context.ts";
import { recordEvent } from "../events.ts";
import type { UpstreamAnswer } from "../upstream-request.ts";
import { doorsOfInputRequests } from "./door-of.ts";

/**
 * Withholds an answer that asks the client for what the policy does not let servers ask for: in the modern era a server
 * asks by what it answers (MCP 2026-07-28, Multi-round-trip requests), in the legacy era by an error that names pages to
 * open (MCP 2025-11-25, Elicitation §URL Elicitation Required Error).
 */
export function guardResult(context: MessageContext, request: ClientRequest, answer: UpstreamAnswer): UpstreamAnswer {
  if (answer.kind !== "answered") return answer;
  for (const kind of doorsOfAnswer(request, answer.response)) {
    if (door(context.caller.policy, kind).outcome === "allow") continue;
    recordEvent(context.gateway, {
      event: "server_request_refused",
      transport: context.inbound.transport,
      server: context.caller.server.name,
      grant: context.caller.grant.id,
      requestId: context.requestId,
      reason: kind,
    });
    const message = `the server asked for what the policy does not let it ask for (${kind}), and its answer was withheld`;
    return { kind: "failed", code: "UPSTREAM_GARBAGE", message, isNotSent: false, via: answer.via };
  }
  return answer;
}

const urlElicitationRequired = -32042;

function doorsOfAnswer(request: ClientRequest, { body, errorCode }: ServerResponse): readonly DoorKind[] {
  if (errorCode !== undefined) return errorCode === urlElicitationRequired ? ["elicitation"] : [];
  return request.era === "modern" ? doorsOfInputRequests(body) : [];
}
