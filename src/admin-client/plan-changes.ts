import type { GrantToEdit, GrantToMint, GrantView } from "../api/contract/grants.ts";
import type { PolicyToCreate, PolicyToSave, PolicyView } from "../api/contract/policies.ts";
import type { ServerToCreate, ServerToEdit, ServerView } from "../api/contract/servers.ts";
import { canonicalJson } from "../values/canonical.ts";
import { lineDiff } from "../values/line-diff.ts";
import type { CurrentState } from "./current-state.ts";
import type { DesiredGrant, DesiredServer, DesiredState } from "./desired-state.ts";

/** One request that brings a database nearer to the files. */
export type Step =
  | { readonly kind: "create_policy"; readonly body: PolicyToCreate }
  | { readonly kind: "save_policy"; readonly policyId: string; readonly revision: number; readonly body: PolicyToSave }
  | { readonly kind: "create_server"; readonly body: ServerToCreate }
  | { readonly kind: "edit_server"; readonly serverId: string; readonly revision: number; readonly body: ServerToEdit }
  | { readonly kind: "mint_grant"; readonly body: GrantToMint }
  | { readonly kind: "edit_grant"; readonly grantId: string; readonly revision: number; readonly body: GrantToEdit }
  | { readonly kind: "revoke_grant"; readonly grantId: string }
  | { readonly kind: "delete_server"; readonly serverId: string; readonly revision: number }
  | {
      readonly kind: "delete_policy";
      readonly policyId: string;
      readonly revision: number;
      /** Whether grants may be left without it: none that works has it then, but revoked ones may. */
      readonly isDetaching: boolean;
    };

/** A difference between the files and the database. */
export interface Change {
  readonly action: "add" | "change" | "remove";
  readonly what: "policy" | "server" | "grant";
  /** A grant's label and id; of the others the id. */
  readonly name: string;
  /** What differs: a line for each member, or `diff -u` of a policy. */
  readonly details: readonly string[];
  readonly step: Step;
}

/** All differences, in the order in which they can be made. */
export interface Plan {
  readonly changes: readonly Change[];
  /** Why it cannot be made; nothing is then. */
  readonly problems: readonly string[];
  /** Things of the database that the files do not name and that stay. */
  readonly kept: readonly string[];
}

/** Pure. What has to be changed. `isPruning`: what the files do not name is removed. */
export function planChanges(desired: DesiredState, current: CurrentState, isPruning: boolean): Plan {
  const matched = matchGrants(desired.grants, current.grants);
  const problems = [
    ...readOnlyProblems(desired, current),
    ...matched.problems,
    ...nameProblems(desired, current, isPruning),
  ];
  const unnamed = unnamedOf(desired, current, new Set(matched.pairs.values()));
  const changes = [
    ...desired.policies.flatMap((policy) => policyChange(policy, current.policies)),
    ...desired.servers.flatMap((server) => serverChange(server, current.servers)),
    ...desired.grants.flatMap((grant) => grantChange(grant, matched.pairs.get(grant))),
    ...(isPruning ? unnamed : []),
  ];
  return { changes, problems, kept: isPruning ? [] : unnamed.map(({ what, name }) => `${what} ${name}`) };
}

function policyChange(
  { id, document }: DesiredState["policies"][number],
  policies: readonly PolicyView[],
): readonly Change[] {
  const now = policies.find((policy) => policy.id === id);
  const what = "policy" as const;
  if (now === undefined) {
    const details = [`${document.split("\n").length - 1} lines`];
    return [{ action: "add", what, name: id, details, step: { kind: "create_policy", body: { id, document } } }];
  }
  if (now.document === document) return [];
  const details = lineDiff(now.document, document).replace(/\n$/, "").split("\n");
  const { revision } = now;
  const step = { kind: "save_policy", policyId: id, revision, body: { document } } as const;
  return [{ action: "change", what, name: id, details, step }];
}

function serverChange({ id, access, settings }: DesiredServer, servers: readonly ServerView[]): readonly Change[] {
  const now = servers.find((server) => server.id === id);
  const what = "server" as const;
  if (now === undefined) {
    const step = { kind: "create_server", body: { id, access, settings } } as const;
    return [{ action: "add", what, name: id, details: [canonicalJson(access)], step }];
  }
  const details = differences({ access: now.access, ...now.settings }, { access, ...settings });
  if (details.length === 0) return [];
  const isElsewhere = canonicalJson(now.access) !== canonicalJson(access);
  const body = { ...(isElsewhere ? { access } : {}), settings };
  const step = { kind: "edit_server", serverId: id, revision: now.revision, body } as const;
  return [{ action: "change", what, name: id, details, step }];
}

function grantChange({ grant }: DesiredGrant, now: GrantView | undefined): readonly Change[] {
  const what = "grant" as const;
  if (now === undefined) {
    const { owner, ...rest } = grant;
    const body = { ...rest, ...(owner === null ? {} : { owner }) };
    const details = [`servers: ${canonicalJson(grant.servers)}`];
    return [{ action: "add", what, name: grant.label, details, step: { kind: "mint_grant", body } }];
  }
  const { label, owner, tags, servers, showDenied, expiresAt } = now;
  const before = { label, owner, tags, servers, showDenied, ...(grant.expiresAt === undefined ? {} : { expiresAt }) };
  const details = differences(before, grant);
  if (details.length === 0) return [];
  const step = { kind: "edit_grant", grantId: now.id, revision: now.revision, body: grant } as const;
  return [{ action: "change", what, name: grantName(now), details, step }];
}

/** What the database has and the files do not name, in the order in which it can be removed. */
function unnamedOf(desired: DesiredState, current: CurrentState, grants: ReadonlySet<GrantView>): readonly Change[] {
  const [servers, policies] = [idsOf(desired.servers), idsOf(desired.policies)];
  return [
    ...current.grants
      // Grants of OAuth clients come from people's consent, not from files.
      .filter((grant) => grant.source === "database" && grant.client === null && !grants.has(grant))
      .map((grant) => removal("grant", grantName(grant), { kind: "revoke_grant", grantId: grant.id })),
    ...current.servers
      .filter(({ id, source }) => source === "database" && !servers.has(id))
      .map(({ id, revision }) => removal("server", id, { kind: "delete_server", serverId: id, revision })),
    ...current.policies
      .filter(({ id, source }) => source === "database" && !policies.has(id))
      .map(({ id, revision }) => {
        const isDetaching = current.grants.every(
          ({ client, servers: opened }) => client === null || !Object.values(opened).includes(id),
        );
        return removal("policy", id, { kind: "delete_policy", policyId: id, revision, isDetaching });
      }),
  ];
}

function removal(what: Change["what"], name: string, step: Step): Change {
  return { action: "remove", what, name, details: [], step };
}

/** Each grant of the files with the one of the database that it is. */
function matchGrants(
  desired: readonly DesiredGrant[],
  current: readonly GrantView[],
): { readonly pairs: ReadonlyMap<DesiredGrant, GrantView>; readonly problems: readonly string[] } {
  const pairs = new Map<DesiredGrant, GrantView>();
  const problems: string[] = [];
  const mine = current.filter(({ source, client }) => source === "database" && client === null);
  for (const grant of desired) {
    const byId = mine.find(({ id }) => id === grant.key);
    const byLabel = mine.filter(({ label }) => label === grant.grant.label);
    const [found] = byId === undefined ? byLabel : [byId];
    if (byId === undefined && byLabel.length > 1) {
      const ids = byLabel.map(({ id }) => id).join(", ");
      problems.push(
        `several grants are called \`${grant.grant.label}\`: name the one that is meant by its id (${ids})`,
      );
    } else if (found !== undefined && [...pairs.values()].includes(found)) {
      problems.push(`the grant \`${grant.key}\` of the files is the same as another one: give it a label of its own`);
    } else if (found !== undefined) pairs.set(grant, found);
  }
  return { pairs, problems };
}

function readOnlyProblems(desired: DesiredState, current: CurrentState): readonly string[] {
  const ofFiles = (what: string, ids: ReadonlySet<string>, now: readonly { id: string; source: string }[]): string[] =>
    now
      .filter(({ id, source }) => source === "file" && ids.has(id))
      .map(({ id }) => `the ${what} \`${id}\` comes from the gateway's own files: change it there, or rename this one`);
  return [
    ...ofFiles("policy", idsOf(desired.policies), current.policies),
    ...ofFiles("server", idsOf(desired.servers), current.servers),
  ];
}

/** Grants that name what neither the files nor the gateway will have. */
function nameProblems(desired: DesiredState, current: CurrentState, isPruning: boolean): readonly string[] {
  const stays = ({ source }: { readonly source: string }): boolean => !isPruning || source === "file";
  const servers = new Set([...idsOf(desired.servers), ...idsOf(current.servers.filter(stays))]);
  const policies = new Set([...idsOf(desired.policies), ...idsOf(current.policies.filter(stays))]);
  return desired.grants.flatMap(({ key, grant }) =>
    Object.entries(grant.servers).flatMap(([server, policy]) => [
      ...(servers.has(server) ? [] : [`the grant \`${key}\` names the server \`${server}\`, which is not there`]),
      ...(policy === null || policies.has(policy)
        ? []
        : [`the grant \`${key}\` names the policy \`${policy}\`, which is not there`]),
    ]),
  );
}

function idsOf(things: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(things.map(({ id }) => id));
}

function grantName({ label, id }: GrantView): string {
  return `${label} (${id})`;
}

/** A line for each member of `after` that is another in `before`. */
function differences(before: object, after: object): readonly string[] {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).flatMap(([name, value]: [string, unknown]) => {
    const [from, to] = [canonicalJson(old.get(name) ?? null), canonicalJson(value ?? null)];
    return from === to ? [] : [`${name}: ${from} -> ${to}`];
  });
}
