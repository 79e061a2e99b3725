import { notFound } from "../../control/control-context.ts";
import { readEffective } from "../../control/effective.ts";
import {
  editGrant,
  type GrantEdit,
  type GrantInput,
  mintGrant,
  revokeGrants,
  rotateGrant,
} from "../../control/grants.ts";
import { revokeOwner } from "../../control/many-grants.ts";
import { readGrantUsage } from "../../control/read-grant-usage.ts";
import type { GrantEntry } from "../../control/state.ts";
import type { ApiReply, BindOperation } from "../bind-operation.ts";
import { getEffective } from "../contract/effective.ts";
import * as contract from "../contract/grants.ts";
import { pageOfAll } from "../cursor.ts";
import { effectiveView, grantView } from "../grant-view.ts";
import type { WebParts } from "../web-parts.ts";

/** The grants: who may reach which servers under which policy. */
export function bindGrants(bind: BindOperation, parts: WebParts): void {
  const { control, clock } = parts;
  const { read } = control.database;
  const entryOf = (id: string): GrantEntry => {
    const entry = control.state().grants.get(id);
    if (entry === undefined) throw notFound("grant", id);
    return entry;
  };
  const show = async (id: string): Promise<ApiReply<contract.GrantView> & { readonly revision: number }> => {
    const usage = await readGrantUsage(read, [id]);
    const entry = entryOf(id);
    return { answer: grantView(entry, usage.get(id)), revision: entry.revision };
  };
  bind(contract.listGrants, async ({ query }) => {
    const found = [...control.state().grants].filter(([, grant]) => fits(grant, query));
    const { items, nextCursor } = pageOfAll("grants", found, query, (entry) => entry);
    const ids = items.map(({ id }) => id);
    const usage = await readGrantUsage(read, ids);
    return { answer: { items: items.map((entry) => grantView(entry, usage.get(entry.id))), nextCursor } };
  });
  bind(contract.getGrant, ({ params }) => show(params.grantId));
  bind(getEffective, async ({ params: { grantId } }) => {
    const servers = await readEffective(read, control.state(), entryOf(grantId), clock.wallMs());
    return { answer: { grant: grantId, servers: servers.map(effectiveView) } };
  });
  bind(contract.editGrant, async ({ actor, params: { grantId }, body, revision }) => {
    await editGrant(control, actor, grantId, editOf(body), revision);
    return show(grantId);
  });
  bindTokens(bind, parts, show);
}

/** What makes tokens, and ends them. */
function bindTokens(
  bind: BindOperation,
  { control }: WebParts,
  show: (id: string) => Promise<ApiReply<contract.GrantView> & { readonly revision: number }>,
): void {
  const showWithToken = async ({
    id,
    token,
  }: {
    id: string;
    token: string;
  }): Promise<ApiReply<contract.GrantWithTokenView>> => {
    const { answer: grant, revision } = await show(id);
    return { answer: { grant, token }, revision };
  };
  bind(contract.mintGrant, async ({ actor, body }) => showWithToken(await mintGrant(control, actor, inputOf(body))));
  bind(contract.rotateGrant, async ({ actor, params: { grantId }, body: { overlapMs } }) =>
    showWithToken(await rotateGrant(control, actor, grantId, overlapMs)),
  );
  bind(contract.revokeGrant, async ({ actor, params: { grantId } }) => {
    await revokeGrants(control, actor, [grantId]);
    return show(grantId);
  });
  bind(contract.revokeGrantsOfOwner, async ({ actor, body: { owner } }) => ({
    answer: await revokeOwner(control, actor, owner),
  }));
}

function fits(grant: GrantEntry, { owner, tag, server }: contract.GrantQuery): boolean {
  if (owner !== undefined && grant.owner !== owner) return false;
  if (server !== undefined && !grant.servers.has(server)) return false;
  return tag === undefined || Object.entries(grant.tags).some(([name, value]) => `${name}:${value}` === tag);
}

function inputOf({
  owner,
  tags = {},
  servers,
  showDenied = false,
  expiresAt,
  label,
}: contract.GrantToMint): GrantInput {
  const expiresMs = expiresAt === undefined ? undefined : Date.parse(expiresAt);
  return { label, owner, tags, servers: policiesOf(servers), showDenied, expiresMs };
}

function editOf({ servers, expiresAt, ...rest }: contract.GrantToEdit): GrantEdit {
  return {
    ...rest,
    ...(servers === undefined ? {} : { servers: policiesOf(servers) }),
    ...(expiresAt === undefined ? {} : { expiresMs: Date.parse(expiresAt) }),
  };
}

function policiesOf(servers: contract.ServerPolicies): GrantInput["servers"] {
  return new Map(Object.entries(servers).map(([server, policy]) => [server, policy ?? undefined]));
}
