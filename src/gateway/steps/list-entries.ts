import { noteDefinition } from "../../definitions/pinning.ts";
import { door, type DoorKind, visibility } from "../../policy/index.ts";
import type { ClientRequest } from "../../protocol/classify.ts";
import { entryLists, filterEntryList, type FilteredEntryList } from "../../protocol/entry-list.ts";
import { emptyListReply, errorReply, gatewayErrorCodes } from "../../protocol/replies.ts";
import { filterToolList } from "../../protocol/tool-list.ts";
import type { MessageContext } from "../context.ts";
import { recordEvent } from "../events.ts";
import type { JsonObject } from "../../values/json.ts";
import type { Session } from "../sessions.ts";
import { toolFacts } from "../tool-facts.ts";
import type { ListedTool } from "../tool-index.ts";
import { forward, replyAsIs } from "./forward.ts";
import type { Caller } from "./identify.ts";

const listDoors: Readonly<Record<string, DoorKind>> = {
  "resources/list": "resources",
  "resources/templates/list": "resources",
  "prompts/list": "prompts",
};

/**
 * Forwards a list request and cuts out of the answer what this grant is not to see. An answer that cannot be read is
 * withheld. A door that is closed altogether is answered empty, without asking the server.
 */
export async function listEntries(context: MessageContext, session: Session, request: ClientRequest): Promise<void> {
  const { exchange, gateway, caller } = context;
  const kind = listDoors[request.method];
  const list = entryLists[request.method]?.list;
  if (kind !== undefined && list !== undefined && door(caller.policy, kind).outcome !== "allow") {
    recordList(context, request.method, 0, 0);
    return exchange.reply(emptyListReply(request.id, list, request.era));
  }
  const answer = await forward(context, session, request);
  if (answer.kind !== "answered" || answer.response.isError) return replyAsIs(context, request, answer);
  const filtered = filter(context, session, request, answer.text);
  if (!filtered.ok) {
    const message = `the server's list could not be read (${filtered.reason}) and was withheld`;
    recordEvent(gateway, {
      event: "list_filtered",
      transport: context.inbound.transport,
      requestId: context.requestId,
      server: caller.server.name,
      grant: caller.grant.id,
      reason: filtered.reason,
      message,
    });
    return answer.via.reply(errorReply(request.id, gatewayErrorCodes.UPSTREAM_GARBAGE, message));
  }
  recordList(context, request.method, filtered.names.length + filtered.removed, filtered.names.length);
  answer.via.reply(filtered.text);
}

function filter(context: MessageContext, session: Session, request: ClientRequest, text: string): FilteredEntryList {
  const { policy } = context.caller;
  const kind = listDoors[request.method];
  const entries = entryLists[request.method];
  if (entries === undefined) return filterTools(context, request, text);
  if (kind === undefined) return filterEntryList(text, entries, (name) => session.tasks.has(name), request.era);
  return filterEntryList(text, entries, (name) => door(policy, kind, name).outcome === "allow", request.era);
}

/** Each definition is noted before it is judged: one that flips back must not pass for what was reviewed. */
function filterTools(context: MessageContext, { era }: ClientRequest, text: string): FilteredEntryList {
  const { gateway, caller, inbound } = context;
  const listed: Pick<ListedTool, "name" | "definition">[] = [];
  const isShown = (name: string, definition: JsonObject): boolean => {
    listed.push({ name, definition });
    noteDefinition(caller.server.pinning, name, definition);
    return isToolShown(caller, { name, definition });
  };
  const filtered = filterToolList(text, isShown, era);
  gateway.noteDefinitions({ transport: inbound.transport, grant: caller.grant.id, server: caller.server.name }, listed);
  return filtered;
}

/** Leaves a row for a list that was shown: how many entries the server has, and how many this caller sees. */
export function recordList(context: MessageContext, method: string, listed: number, shown: number): void {
  recordEvent(context.gateway, {
    event: "list_filtered",
    transport: context.inbound.transport,
    requestId: context.requestId,
    server: context.caller.server.name,
    grant: context.caller.grant.id,
    reason: "policy",
    message: method,
    counts: { listed, shown },
  });
}

/** Whether a tool that its server lists is in this caller's lists. */
export function isToolShown(caller: Caller, { name, definition }: Pick<ListedTool, "name" | "definition">): boolean {
  const tool = toolFacts(caller.server, name, { definition, schema: undefined });
  const seen = visibility(caller.policy, tool);
  return seen === "listed" || (seen === "denied" && (caller.server.showDenied || caller.grant.showDenied));
}
