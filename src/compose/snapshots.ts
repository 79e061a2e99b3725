import { userInfo } from "node:os";
import type { Settings } from "../config/settings.ts";
import type { GrantRecord, ServerRecord, Snapshot } from "../gateway/snapshot.ts";
import type { CompiledPolicy } from "../policy/index.ts";

const organisation = "default";

/** What a configuration says, as the gateway reads it. Pure. */
export function configuredSnapshot(
  { grants }: Settings,
  servers: ReadonlyMap<string, ServerRecord>,
  policies: ReadonlyMap<string, CompiledPolicy>,
): Snapshot {
  const grantsByTokenSha256 = new Map<string, GrantRecord>();
  for (const { tokenSha256, ...grant } of grants) grantsByTokenSha256.set(tokenSha256, grant);
  return { organisation, grantsByTokenSha256, localGrant: undefined, servers, policies };
}

/** One server for the one client on standard streams, which needs no token: it is this process's user. */
export function localSnapshot(
  server: ServerRecord,
  policyId: string,
  policies: ReadonlyMap<string, CompiledPolicy>,
): Snapshot {
  const localGrant: GrantRecord = {
    id: "local",
    label: "local",
    owner: userInfo().username,
    tags: {},
    servers: new Map([[server.name, policyId]]),
    showDenied: server.showDenied,
    expiresAtMs: undefined,
  };
  return {
    organisation,
    grantsByTokenSha256: new Map(),
    localGrant,
    servers: new Map([[server.name, server]]),
    policies,
  };
}
