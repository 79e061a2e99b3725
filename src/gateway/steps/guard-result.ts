import { door, type DoorKind } from "../../policy/index.ts";
import type { ClientRequest, ServerResponse } from "../../protocol/classify.ts";
import { isObject, type JsonObject } from "../../values/json.ts";
import type { MessageContext } from "../context.ts";
import { recordEvent } from "../events.ts";
import type { Session } from "../sessions.ts";
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

/** Tasks one grant may have at one server; the oldest is forgotten for a new one. */
const tasksMax = 10_000;

/** Remembers the task that an answer speaks of: it belongs to the grant whose call made it. */
export function rememberTask(session: Session, answer: UpstreamAnswer): void {
  if (answer.kind !== "answered" || answer.response.isError) return;
  const id = taskIdOf(answer.response.body);
  if (id === undefined) return;
  const oldest = session.tasks.size >= tasksMax ? session.tasks.values().next().value : undefined;
  if (oldest !== undefined) session.tasks.delete(oldest);
  session.tasks.add(id);
}

/** The id of the task that a result made: `task.taskId` (2025-11-25), or beside `resultType: "task"`. */
function taskIdOf(result: JsonObject): string | undefined {
  const task = isObject(result["task"]) ? result["task"] : result["resultType"] === "task" ? result : undefined;
  const id = task?.["taskId"];
  return typeof id === "string" ? id : undefined;
}
