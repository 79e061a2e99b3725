import type { EffectiveServer } from "../control/effective.ts";
import type { GrantUsage } from "../control/read-grant-usage.ts";
import type { GrantEntry } from "../control/state.ts";
import type { EffectiveServerView } from "./contract/effective.ts";
import type { GrantView } from "./contract/grants.ts";
import { timeText } from "./time-text.ts";

/** A grant as the API shows it. Pure. */
export function grantView(entry: GrantEntry, usage: GrantUsage | undefined): GrantView {
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

/** What a grant can do on a server, as the API shows it. Pure. */
export function effectiveView({
  server,
  policy,
  closedBecause,
  fetchedMs,
  tools,
}: EffectiveServer): EffectiveServerView {
  return {
    server,
    policy: policy ?? null,
    closedBecause: closedBecause ?? null,
    fetchedAt: timeText(fetchedMs),
    tools,
  };
}
