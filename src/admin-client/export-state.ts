import { stringify } from "yaml";
import type { GrantView } from "../api/contract/grants.ts";
import type { PolicyView } from "../api/contract/policies.ts";
import type { ServerView } from "../api/contract/servers.ts";
import { defaults } from "../config/settings.ts";
import { formatDuration } from "../documents/durations.ts";
import type { CurrentState } from "./current-state.ts";

/** Files by their path below a folder. */
export type ExportedFiles = ReadonlyMap<string, string>;

const heading = `# What this gateway's database holds, as \`callgate export\` wrote it. \`callgate apply\` brings a database to it.
# No token and no credential is in it.
`;

/**
 * Pure. What a gateway's database holds, as files that `callgate apply` brings a database to. What comes from the
 * operator's files, and grants of OAuth clients, are left out.
 */
export function exportState({ servers, policies, grants }: CurrentState): ExportedFiles {
  const ownPolicies = policies.filter(isStored);
  const ownGrants = grants.filter((grant) => isStored(grant) && grant.client === null);
  const document = {
    servers: Object.fromEntries(servers.filter(isStored).map((server) => [server.id, serverDocument(server)])),
    policies: Object.fromEntries(ownPolicies.map((policy) => [policy.id, policyFile(policy)])),
    grants: Object.fromEntries(ownGrants.map((grant) => [keyOf(grant, ownGrants), grantDocument(grant, ownGrants)])),
  };
  return new Map([
    ["callgate.yaml", `${heading}${stringify(document)}`],
    ...ownPolicies.map((policy): [string, string] => [policyFile(policy), policy.document]),
  ]);
}

function isStored({ source }: { readonly source: "file" | "database" }): boolean {
  return source === "database";
}

function policyFile({ id, document }: PolicyView): string {
  return `policies/${id}.${/^\s*\{/.test(document) ? "json" : "yaml"}`;
}

function serverDocument({ access, settings }: ServerView): Readonly<Record<string, unknown>> {
  const times = [
    ["start_timeout", settings.startTimeoutMs, defaults.startTimeoutMs],
    ["call_timeout", settings.callTimeoutMs, defaults.callTimeoutMs],
    ["call_deadline", settings.callDeadlineMs, defaults.callDeadlineMs],
    ["idle_timeout", settings.idleTimeoutMs, defaults.idleTimeoutMs],
  ] as const;
  return {
    ...(access.kind === "url"
      ? { url: access.url, ...(access.transport === "sse" ? { transport: access.transport } : {}) }
      : { command: access.command, args: access.args }),
    ...Object.fromEntries(
      times.filter(([, value, otherwise]) => value !== otherwise).map(([name, value]) => [name, timeText(value)]),
    ),
    ...(settings.showDenied ? { show_denied: true } : {}),
    ...(settings.pinMode === defaults.pinMode ? {} : { pin: settings.pinMode }),
    ...(settings.volatileText.length === 0 ? {} : { volatile_text: settings.volatileText }),
  };
}

/** The short form where it has one, else seconds. */
function timeText(timeMs: number): string | number {
  return timeMs % 1_000 === 0 ? formatDuration(timeMs) : timeMs / 1_000;
}

/** Its label where that says which one it is, else its id. */
function keyOf({ id, label }: GrantView, grants: readonly GrantView[]): string {
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(label);
  const isAlone = grants.every((other) => other.id === id || (other.label !== label && other.id !== label));
  return isPlain && isAlone ? label : id;
}

function grantDocument(grant: GrantView, grants: readonly GrantView[]): Readonly<Record<string, unknown>> {
  const { label, owner, tags, servers, expiresAt, showDenied } = grant;
  return {
    ...(keyOf(grant, grants) === label ? {} : { label }),
    ...(owner === null ? {} : { owner }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
    servers,
    ...(expiresAt === null ? {} : { expires: expiresAt }),
    ...(showDenied ? { show_denied: true } : {}),
  };
}
