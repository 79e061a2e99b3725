import { visibility } from "../../policy/index.ts";
import type { ClientRequest } from "../../protocol/classify.ts";
import { gatewayErrorCodes, errorReply } from "../../protocol/replies.ts";
import { filterToolList } from "../../protocol/tool-list.ts";
import { upstreamFailureReply } from "../error-map.ts";
import { recordEvent } from "../events.ts";
import type { MessageContext } from "../context.ts";
import type { Session } from "../sessions.ts";
import { forward } from "./forward.ts";
import { statusOf } from "./handshake.ts";

/** Forwards `tools/list` and cuts out of the answer what this grant is not to see. An unreadable answer is withheld. */
export async function listTools(context: MessageContext, session: Session, request: ClientRequest): Promise<void> {
  const { exchange, gateway, caller } = context;
  const answer = await forward(session, request, exchange);
  if (answer.kind === "cancelled") return exchange.accept();
  if (answer.kind === "failed") return exchange.reply(upstreamFailureReply(request.id, answer, context.requestId));
  if (answer.response.isError) {
    return exchange.reply(answer.text, { status: statusOf(request, answer.response) });
  }
  const filtered = filterToolList(answer.text, (name) => isShown(context, name), request.era);
  if (!filtered.ok) {
    const message = `the server's tool list could not be read (${filtered.reason}) and was withheld`;
    recordEvent(gateway, { event: "list_filtered", server: caller.server.name, reason: filtered.reason, message });
    return exchange.reply(errorReply(request.id, gatewayErrorCodes.UPSTREAM_GARBAGE, message));
  }
  recordEvent(gateway, {
    event: "list_filtered",
    transport: context.inbound.transport,
    requestId: context.requestId,
    server: caller.server.name,
    grant: caller.grant.id,
    reason: "policy",
    counts: { listed: filtered.names.length + filtered.removed, shown: filtered.names.length },
  });
  exchange.reply(filtered.text);
}

function isShown(context: MessageContext, name: string): boolean {
  const { caller } = context;
  const seen = visibility(caller.policy, {
    name,
    isListed: true,
    isChanged: false,
    review: undefined,
    schema: undefined,
  });
  return seen === "listed" || (seen === "denied" && (caller.server.showDenied || caller.grant.showDenied));
}
