import { getGrant, listGrants } from "./grants.ts";
import type { AnyOperation } from "./operation.ts";
import { getPolicy, listPolicies } from "./policies.ts";
import { getServer, listServers } from "./servers.ts";

/** Every operation of the HTTP API, as the OpenAPI document lists them. */
export const contract: readonly AnyOperation[] = [
  listServers,
  getServer,
  listPolicies,
  getPolicy,
  listGrants,
  getGrant,
];
