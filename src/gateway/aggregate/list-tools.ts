import type { ClientRequest } from "../../protocol/classify.ts";
import { metaKeys } from "../../protocol/eras/modern.ts";
import { alikeNames, exposedName } from "../../protocol/exposed-name.ts";
import { mergedToolList, renameEntry } from "../../protocol/merged-tool-list.ts";
import { errorReply, jsonRpcCodes } from "../../protocol/replies.ts";
import { isToolName } from "../../protocol/tool-name.ts";
import type { GrantContext, MessageContext } from "../context.ts";
import { recordEvent } from "../events.ts";
import { ownInfo } from "../own-requests.ts";
import { callerAt } from "../steps/identify.ts";
import { isToolShown, recordList } from "../steps/list-entries.ts";
import type { ListedTool } from "../tool-index.ts";
import { fetchTools } from "./fetch-tools.ts";

/** The tools of all servers of the grant, as one page: by the servers' names, each in its server's order. */
export async function listTools(context: GrantContext, request: ClientRequest): Promise<void> {
  const { snapshot, caller, exchange } = context;
  const { grant } = caller;
  if (request.params["cursor"] !== undefined) {
    const message = "this list has one page: ask without a cursor";
    return exchange.reply(errorReply(request.id, jsonRpcCodes.invalidParams, message));
  }
  const callers = [...grant.servers.keys()].toSorted().flatMap((name) => callerAt(snapshot, grant, name) ?? []);
  const entries = await Promise.all(callers.map((one) => shownEntries({ ...context, caller: one }, request)));
  exchange.reply(mergedToolList(request.id, entries.flat(), request.era, { [metaKeys.serverInfo]: ownInfo }));
}

/** One server's entries as this grant sees them, renamed; none, and a row, when the server does not list its tools. */
async function shownEntries(context: MessageContext, request: ClientRequest): Promise<readonly string[]> {
  const { caller } = context;
  const list = await fetchTools(context, request);
  if (list.kind === "failed") {
    recordLeftOut(context, "upstream_failed", list.code, list.message);
    return [];
  }
  const shown = [...list.tools.values()].filter((tool) => isToolShown(caller, tool));
  const alike = alikeNames(shown.map(({ name }) => name));
  const isNamed = ({ name }: ListedTool): boolean =>
    !alike.has(name) && isToolName(exposedName(caller.server.name, name));
  const left = shown.filter((tool) => !isNamed(tool));
  if (left.length > 0) {
    const names = left.map(({ name }) => `\`${name}\``).join(", ");
    recordLeftOut(context, "list_filtered", "name_collision", `left out: ${names}`.slice(0, 500));
  }
  recordList(context, request.method, list.tools.size, shown.length - left.length);
  return shown.filter(isNamed).map(({ name, text }) => renameEntry(text, exposedName(caller.server.name, name)));
}

function recordLeftOut(
  { gateway, caller, inbound, requestId }: MessageContext,
  event: "upstream_failed" | "list_filtered",
  reason: string,
  message: string,
): void {
  const { server, grant } = caller;
  const { transport } = inbound;
  recordEvent(gateway, { event, reason, message, transport, requestId, server: server.name, grant: grant.id });
}
