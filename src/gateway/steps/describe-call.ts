import type { Call } from "../../policy/index.ts";
import type { ClientRequest, ToolCall } from "../../protocol/classify.ts";
import type { Inbound } from "../../transports/transport.ts";
import { isObject, type JsonValue } from "../../values/json.ts";
import type { Session } from "../sessions.ts";
import type { Snapshot } from "../snapshot.ts";
import type { ListedTool } from "../tool-index.ts";
import type { Caller } from "./identify.ts";

/** A `tools/call` as plain data, all that the policy can read. `tool` is the listed entry, undefined for an unknown name. */
export function describeCall(
  snapshot: Snapshot,
  caller: Caller,
  session: Session,
  inbound: Inbound,
  request: ClientRequest,
  toolCall: ToolCall,
  tool: ListedTool | undefined,
): Call {
  const { grant } = caller;
  const declared = declaredClient(request, session);
  return {
    organisation: snapshot.organisation,
    server: { name: caller.server.name },
    grant: { id: grant.id, label: grant.label, owner: grant.owner, tags: grant.tags },
    client: { ip: inbound.clientIp, name: declared.name, version: declared.version },
    session: session.id,
    tool: {
      name: toolCall.name,
      isListed: tool !== undefined,
      isChanged: false,
      review: undefined,
      schema: tool?.schema,
    },
    args: toolCall.args,
  };
}

/** What the client calls itself: in the request (modern era), else in its handshake. Self-declared, never proof. */
export function declaredClient(request: ClientRequest, session: Session): Session["client"] {
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
