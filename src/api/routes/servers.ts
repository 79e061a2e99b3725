import type { Finding } from "../../catalogue/checks/finding.ts";
import { notFound } from "../../control/control-context.ts";
import { checkAccess, editServer, registerServer, removeServer } from "../../control/servers.ts";
import {
  fetchToolList,
  type Look,
  readListedServers,
  readToolList,
  type StoredToolList,
  toolNameOf,
} from "../../control/tool-lists.ts";
import { findInTools } from "../../control/tool-findings.ts";
import type { ControlQueries } from "../../store/control-database.ts";
import type { ApiReply, BindOperation } from "../bind-operation.ts";
import { findingView, type ToolFindingView } from "../contract/findings.ts";
import * as looks from "../contract/server-tools.ts";
import * as contract from "../contract/servers.ts";
import { pageOfAll } from "../cursor.ts";
import { serverView } from "../server-view.ts";
import { timeText } from "../time-text.ts";
import type { WebParts } from "../web-parts.ts";

/** The servers that the gateway stands in front of. */
export function bindServers(bind: BindOperation, parts: WebParts): void {
  const { control, publicOrigin } = parts;
  const show = async (id: string): Promise<ApiReply<contract.ServerView>> => {
    const listed = await readListedServers(control.database.read);
    const state = control.state();
    const entry = state.servers.get(id);
    if (entry === undefined) throw notFound("server", id);
    return { answer: serverView(entry, state, listed, publicOrigin()), revision: entry.revision };
  };
  bind(contract.listServers, async ({ query }) => {
    const listed = await readListedServers(control.database.read);
    const state = control.state();
    const answer = pageOfAll("servers", state.servers, query, (entry) =>
      serverView(entry, state, listed, publicOrigin()),
    );
    return { answer };
  });
  bind(contract.createServer, async ({ actor, body: { id, title = id, access, settings = {} } }) => {
    await registerServer(control, actor, id, { title, access, settings });
    return show(id);
  });
  bind(contract.getServer, ({ params }) => show(params.serverId));
  bind(contract.editServer, async ({ actor, params, body, revision }) => {
    await editServer(control, actor, params.serverId, body, revision);
    return show(params.serverId);
  });
  bind(contract.deleteServer, async ({ actor, params, revision }) => {
    await removeServer(control, actor, params.serverId, revision);
    return { answer: undefined };
  });
  bindLooks(bind, parts);
}

/** What goes out to the servers themselves. */
function bindLooks(bind: BindOperation, { control, lookout }: WebParts): void {
  const { read } = control.database;
  bind(looks.getTools, async ({ params: { serverId } }) => {
    if (!control.state().servers.has(serverId)) throw notFound("server", serverId);
    return { answer: await toolListView(read, serverId, await readToolList(read, serverId)) };
  });
  bind(looks.fetchTools, async ({ actor, params: { serverId } }) => ({
    answer: await toolListView(read, serverId, await fetchToolList(control, actor, serverId, lookout)),
  }));
  bind(looks.testServer, async ({ params: { serverId } }) => {
    if (!control.state().servers.has(serverId)) throw notFound("server", serverId);
    return { answer: await connectionTest(read, serverId, await lookout.registered(serverId)) };
  });
  bind(looks.testAccess, async ({ body }) => {
    const look = await lookout.unregistered(checkAccess(control, body.access));
    return { answer: await connectionTest(read, undefined, look) };
  });
}

async function toolListView(
  read: ControlQueries,
  server: string,
  list: StoredToolList | undefined,
): Promise<looks.ToolListView> {
  const tools = list?.tools ?? [];
  const findings = (await findInTools(read, server, tools)).map(toolFindingView);
  return { server, fetchedAt: timeText(list?.fetchedMs), sha256: list?.sha256 ?? null, tools, findings };
}

async function connectionTest(
  read: ControlQueries,
  server: string | undefined,
  look: Look,
): Promise<looks.ConnectionTest> {
  if (look.kind === "read") {
    const { protocolVersion } = look;
    const tools = look.tools.map((definition) => ({ name: toolNameOf(definition), definition }));
    const findings = (await findInTools(read, server, tools)).map(toolFindingView);
    return { isReachable: true, protocolVersion, toolCount: tools.length, findings, problem: null };
  }
  const { code, message } = look;
  return { isReachable: false, protocolVersion: null, toolCount: null, findings: [], problem: { code, message } };
}

function toolFindingView(finding: Finding): ToolFindingView {
  return { tool: finding.subject.name, ...findingView(finding) };
}
