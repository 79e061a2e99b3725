import { notFound } from "../../control/control-context.ts";
import { type GrantUsage, readGrantUsage } from "../../control/read-grant-usage.ts";
import type { GrantEntry } from "../../control/state.ts";
import type { BindOperation } from "../bind-operation.ts";
import { getGrant, type GrantQuery, type GrantView, listGrants } from "../contract/grants.ts";
import { pageOfAll } from "../cursor.ts";
import { timeText } from "../time-text.ts";
import type { WebParts } from "../web-parts.ts";

/** The grants: who may reach which servers under which policy. */
export function bindGrants(bind: BindOperation, { control }: WebParts): void {
  const { read } = control.database;
  bind(listGrants, async ({ query }) => {
    const found = [...control.state().grants].filter(([, grant]) => fits(grant, query));
    const { items, nextCursor } = pageOfAll("grants", found, query, (entry) => entry);
    const usage = await readGrantUsage(
      read,
      items.map(({ id }) => id),
    );
    return { answer: { items: items.map((entry) => grantView(entry, usage.get(entry.id))), nextCursor } };
  });
  bind(getGrant, async ({ params: { grantId } }) => {
    const entry = control.state().grants.get(grantId);
    if (entry === undefined) throw notFound("grant", grantId);
    const usage = await readGrantUsage(read, [grantId]);
    return { answer: grantView(entry, usage.get(grantId)), revision: entry.revision };
  });
}

function fits(grant: GrantEntry, { owner, tag, server }: GrantQuery): boolean {
  if (owner !== undefined && grant.owner !== owner) return false;
  if (server !== undefined && !grant.servers.has(server)) return false;
  return tag === undefined || Object.entries(grant.tags).some(([name, value]) => `${name}:${value}` === tag);
}

function grantView(entry: GrantEntry, usage: GrantUsage | undefined): GrantView {
  return {
    id: entry.id,
    label: entry.label,
    owner: entry.owner ?? null,
    tags: entry.tags,
    source: entry.source,
    servers: Object.fromEntries([...entry.servers].map(([server, policy]) => [server, policy ?? null])),
    showDenied: entry.showDenied,
    expiresAt: timeText(entry.expiresMs),
    revokedAt: timeText(entry.revokedMs),
    client: entry.client ?? null,
    lastUsedAt: timeText(usage?.lastUsedMs),
    calls: { allowed: usage?.allowed ?? 0, denied: usage?.denied ?? 0 },
    createdBy: entry.createdBy ?? null,
    createdAt: timeText(entry.createdMs),
    updatedAt: timeText(entry.updatedMs),
    revision: entry.revision,
  };
}
