import { type GrantView, listGrants } from "../api/contract/grants.ts";
import { getPolicy, listPolicies, type PolicyView } from "../api/contract/policies.ts";
import { listServers, type ServerView } from "../api/contract/servers.ts";
import type { ApiClient } from "./api-client.ts";

/** What a gateway has now, from its files and its database. */
export interface CurrentState {
  readonly servers: readonly ServerView[];
  readonly policies: readonly PolicyView[];
  /** Without those that were revoked. */
  readonly grants: readonly GrantView[];
}

/** Reads all servers, policies with their texts, and grants. Rejects as the client does. */
export async function readCurrent(client: ApiClient): Promise<CurrentState> {
  const servers = await client.all(listServers);
  const policies: PolicyView[] = [];
  for (const { id } of await client.all(listPolicies)) {
    policies.push(await client.send(getPolicy, { params: { policyId: id } }));
  }
  const grants = await client.all(listGrants);
  return { servers, policies, grants: grants.filter(({ revokedAt }) => revokedAt === null) };
}
