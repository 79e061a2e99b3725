import type { Call, ToolFacts } from "../../policy/index.ts";
import type { ClientRequest, ToolCall } from "../../protocol/classify.ts";
import { isObject, type JsonObject, type JsonValue } from "../../values/json.ts";
import type { MessageContext } from "../context.ts";
import type { Session } from "../sessions.ts";
import { toolFacts } from "../tool-facts.ts";
import type { ListedTool } from "../tool-index.ts";

/** A `tools/call` as plain data, all that the policy can read. `tool` is the listed entry, undefined for an unknown name. */
export function describeCall(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
  { name, args }: ToolCall,
  tool: ListedTool | undefined,
): Call {
  return describe(context, session, request, args, toolFacts(context.caller.server, name, tool));
}

/** Characters of a URI or a prompt's name that a row holds: who is refused must not fill the disk with them. */
const shownMax = 1_024;

/** A request for a resource or a prompt as the audit row wants it: what is asked for stands where a call has its tool. */
export function describeKnock(
  context: MessageContext,
  session: Session,
  request: ClientRequest,
  name: string | undefined,
): Call {
  const given = request.params["arguments"];
  const shown = (name ?? "").slice(0, shownMax).toWellFormed();
  const tool = { name: shown, isListed: true, isChanged: false, review: undefined, schema: undefined };
  return describe(context, session, request, isObject(given) ? given : {}, tool);
}

function describe(
  { snapshot, caller, inbound }: MessageContext,
  session: Session,
  request: ClientRequest,
  args: JsonObject,
  tool: ToolFacts,
): Call {
  const { grant } = caller;
  const declared = declaredClient(request, session);
  return {
    organisation: snapshot.organisation,
    server: { name: caller.server.name },
    grant: { id: grant.id, label: grant.label, owner: grant.owner, tags: grant.tags },
    client: { ip: inbound.clientIp, name: declared.name, version: declared.version },
    session: session.id,
    tool,
    args,
  };
}

/** What the client calls itself: in the request (modern era), else in its handshake. Self-declared, never proof. */
function declaredClient(request: ClientRequest, session: Session): Session["client"] {
  const meta = request.params?.["_meta"];
  const info = isObject(meta) ? meta["io.modelcontextprotocol/clientInfo"] : undefined;
  return info === undefined ? session.client : readClientInfo(info);
}

/** The `name` and `version` of a `clientInfo` object. */
export function readClientInfo(info: JsonValue | undefined): Session["client"] {
  if (!isObject(info)) return { name: undefined, version: undefined };
  const { name, version } = info;
  return {
    name: typeof name === "string" ? name.slice(0, 256) : undefined,
    version: typeof version === "string" ? version.slice(0, 256) : undefined,
  };
}
