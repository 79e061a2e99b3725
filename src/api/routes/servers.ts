import { notFound } from "../../control/control-context.ts";
import type { ServerEntry } from "../../control/state.ts";
import type { BindOperation } from "../bind-operation.ts";
import { getServer, listServers, type ServerView } from "../contract/servers.ts";
import { pageOfAll } from "../cursor.ts";
import { timeText } from "../time-text.ts";
import type { WebParts } from "../web-parts.ts";

/** The servers that the gateway stands in front of. */
export function bindServers(bind: BindOperation, { control, publicOrigin }: WebParts): void {
  const show = (entry: ServerEntry): ServerView => serverView(entry, publicOrigin());
  bind(listServers, ({ query }) => ({ answer: pageOfAll("servers", control.state().servers, query, show) }));
  bind(getServer, ({ params: { serverId } }) => {
    const entry = control.state().servers.get(serverId);
    if (entry === undefined) throw notFound("server", serverId);
    return { answer: show(entry), revision: entry.revision };
  });
}

function serverView({ settings, ...entry }: ServerEntry, origin: string): ServerView {
  const { access, name, ...rest } = settings;
  return {
    id: entry.id,
    title: entry.title,
    source: entry.source,
    proxyUrl: `${origin}/mcp/${name}`,
    access:
      access.kind === "url"
        ? { kind: "url", url: access.url, transport: access.transport }
        : { kind: "command", command: access.command, args: access.args },
    isDisabled: entry.isDisabled,
    ...rest,
    createdAt: timeText(entry.createdMs),
    updatedAt: timeText(entry.updatedMs),
    revision: entry.revision,
  };
}
