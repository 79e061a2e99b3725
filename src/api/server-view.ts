import { faultOf } from "../control/credentials.ts";
import type { ControlState, ServerEntry } from "../control/state.ts";
import { type ServerView, setupSteps, type SetupStep } from "./contract/servers.ts";
import { shownAccess } from "./shown-access.ts";
import { timeText } from "./time-text.ts";

/** What a server's page says. Pure. `listed`: the servers whose tools were fetched at least once. */
export function serverView(
  entry: ServerEntry,
  state: ControlState,
  listed: ReadonlySet<string>,
  origin: string,
): ServerView {
  const { id, settings } = entry;
  const { access, name, pin, ...rest } = settings;
  const grants = [...state.grants.values()].filter((grant) => grant.revokedMs === undefined && grant.servers.has(id));
  const policies = grants.flatMap((grant) => grant.servers.get(id) ?? []);
  const ofAllGrants = state.credentials.filter((one) => one.server === id && one.grantId === undefined);
  const problem = faultOf(access, ofAllGrants);
  const steps: Readonly<Record<SetupStep, boolean>> = {
    enable: entry.isDisabled,
    enter_credentials: problem !== undefined,
    fetch_tools: !listed.has(id),
    review_tools: !state.reviews.has(id) && pin.locked === undefined,
    mint_grant: grants.length === 0,
    attach_policy: grants.length > policies.length,
  };
  return {
    id,
    title: entry.title,
    source: entry.source,
    proxyUrl: `${origin}/mcp/${name}`,
    access: shownAccess(access),
    authMode: authModeOf(entry, state),
    problem: problem ?? null,
    isDisabled: entry.isDisabled,
    settings: { ...rest, pinMode: pin.mode, volatileText: pin.volatile },
    grants: grants.map((grant) => grant.id).toSorted(),
    policies: [...new Set(policies)].toSorted(),
    missingSteps: missingOf(steps),
    createdAt: timeText(entry.createdMs),
    updatedAt: timeText(entry.updatedMs),
    revision: entry.revision,
  };
}

function missingOf(steps: Readonly<Record<SetupStep, boolean>>): readonly SetupStep[] {
  return setupSteps.filter((step) => steps[step]);
}

function authModeOf({ id, settings: { access } }: ServerEntry, { credentials }: ControlState): ServerView["authMode"] {
  const mine = credentials.filter(({ server }) => server === id);
  if (mine.some(({ kind }) => kind === "oauth")) return "oauth";
  if (access.kind === "url") return mine.length + Object.keys(access.headers).length > 0 ? "headers" : "none";
  return mine.length + Object.keys(access.env).length > 0 ? "environment" : "none";
}
