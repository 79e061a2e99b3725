import type { Role } from "../../src/values/roles.ts";

/** A request to one operation, the least role that may send it, and what it is answered then. */
export interface RoleRow {
  readonly path: string;
  readonly body?: unknown;
  readonly least: Role;
  /** Of a role that may. */
  readonly status: number;
}

const access = { kind: "url", url: "https://mcp.example.com/mcp", transport: "streamable-http" };
const document = '{"version":"1","default":"deny"}';
const call = { tool: "safe", arguments: {} };

/** Every operation of the contract, written out by hand: what the contract says of roles is held against this. */
export const roleRows: Readonly<Record<string, RoleRow>> = {
  searchCatalogueServers: { path: "/catalogue/servers?query=camoufox", least: "viewer", status: 200 },
  searchCatalogueTools: { path: "/catalogue/tools?risk=Critical", least: "viewer", status: 200 },
  getCatalogueServer: { path: "/catalogue/servers/camoufox-mcp", least: "viewer", status: 200 },
  getCatalogueTool: { path: "/catalogue/servers/none/tools/none", least: "viewer", status: 404 },
  getCataloguePolicy: { path: "/catalogue/servers/none/policy", least: "viewer", status: 404 },
  listCatalogueChanges: { path: "/catalogue/changes", least: "viewer", status: 200 },
  listCatalogueQueue: { path: "/catalogue/queue", least: "viewer", status: 200 },
  listCatalogueAttacks: { path: "/catalogue/attacks", least: "viewer", status: 200 },
  listServers: { path: "/servers", least: "viewer", status: 200 },
  createServer: { path: "/servers", body: { id: "con", access }, least: "admin", status: 400 },
  testAccess: {
    path: "/servers/test",
    body: { access: { ...access, url: "http://127.0.0.1:1/" } },
    least: "admin",
    status: 400,
  },
  getServer: { path: "/servers/echo", least: "viewer", status: 200 },
  editServer: { path: "/servers/none", body: { isDisabled: true }, least: "admin", status: 404 },
  deleteServer: { path: "/servers/none", least: "admin", status: 404 },
  getTools: { path: "/servers/echo/tools", least: "viewer", status: 200 },
  fetchTools: { path: "/servers/none/tools/fetch", least: "policy_manager", status: 404 },
  testServer: { path: "/servers/none/test", least: "admin", status: 404 },
  listUnreviewed: { path: "/servers/echo/unreviewed", least: "viewer", status: 200 },
  reviewTools: {
    path: "/servers/none/reviews",
    body: { reviews: [{ tool: "safe", sha256: "0".repeat(64) }] },
    least: "policy_manager",
    status: 404,
  },
  withdrawReview: { path: "/servers/echo/reviews/none", least: "policy_manager", status: 404 },
  getCredentials: { path: "/servers/echo/credentials", least: "admin", status: 200 },
  putCredential: {
    path: "/servers/none/credentials/header/x-key",
    body: { value: "a-key" },
    least: "admin",
    status: 404,
  },
  deleteCredential: { path: "/servers/none/credentials/header/x-key", least: "admin", status: 404 },
  connectServer: { path: "/servers/none/connection", least: "admin", status: 404 },
  disconnectServer: { path: "/servers/none/connection", least: "admin", status: 404 },
  putOAuthClient: { path: "/servers/none/oauth-client", body: { clientId: "c" }, least: "admin", status: 404 },
  deleteOAuthClient: { path: "/servers/none/oauth-client", least: "admin", status: 404 },
  listPolicies: { path: "/policies", least: "viewer", status: 200 },
  createPolicy: { path: "/policies", body: { id: "p", document }, least: "policy_manager", status: 409 },
  validatePolicy: { path: "/policies/validate", body: { document }, least: "viewer", status: 200 },
  explainCall: { path: "/policies/explain", body: { document, server: "echo", call }, least: "viewer", status: 200 },
  testCalls: {
    path: "/policies/test",
    body: { document, server: "echo", calls: [call] },
    least: "viewer",
    status: 200,
  },
  getPolicy: { path: "/policies/p", least: "viewer", status: 200 },
  savePolicy: { path: "/policies/none", body: { document }, least: "policy_manager", status: 404 },
  deletePolicy: { path: "/policies/none", least: "policy_manager", status: 404 },
  listVersions: { path: "/policies/none/versions", least: "viewer", status: 404 },
  getVersion: { path: "/policies/none/versions/1", least: "viewer", status: 404 },
  restoreVersion: { path: "/policies/none/versions/1/restore", least: "policy_manager", status: 404 },
  diffVersions: { path: "/policies/none/diff?from=1&to=2", least: "viewer", status: 404 },
  attachPolicy: {
    path: "/policies/p/attach",
    body: { server: "echo", grants: ["none"] },
    least: "policy_manager",
    status: 404,
  },
  listGrants: { path: "/grants", least: "viewer", status: 200 },
  mintGrant: { path: "/grants", body: { label: "b", servers: { none: null } }, least: "admin", status: 400 },
  revokeGrantsOfOwner: { path: "/grants/revoke", body: { owner: "nobody" }, least: "admin", status: 200 },
  getGrant: { path: "/grants/g", least: "viewer", status: 200 },
  editGrant: { path: "/grants/none", body: { servers: {} }, least: "policy_manager", status: 404 },
  rotateGrant: { path: "/grants/none/rotate", body: { overlapMs: 0 }, least: "admin", status: 404 },
  revokeGrant: { path: "/grants/none/revoke", least: "admin", status: 404 },
  listCalls: { path: "/calls", least: "viewer", status: 200 },
  getCall: { path: "/calls/none", least: "viewer", status: 404 },
  listEvents: { path: "/events", least: "viewer", status: 200 },
  listAdminEvents: { path: "/admin-events", least: "admin", status: 200 },
  listCounters: { path: "/counters", least: "viewer", status: 200 },
  resetCounter: { path: "/counters/reset", body: { id: "none" }, least: "admin", status: 404 },
  getEffective: { path: "/grants/g/effective", least: "viewer", status: 200 },
  getOrganisation: { path: "/organisation", least: "viewer", status: 200 },
  editOrganisation: { path: "/organisation", body: { name: "Engines" }, least: "admin", status: 200 },
  listMembers: { path: "/members", least: "viewer", status: 200 },
  getMember: { path: "/members/none", least: "viewer", status: 404 },
  editMember: { path: "/members/none", body: { role: "viewer" }, least: "admin", status: 404 },
  removeMember: { path: "/members/none", least: "admin", status: 404 },
  listInvitations: { path: "/invitations", least: "admin", status: 200 },
  createInvitation: { path: "/invitations", body: { role: "viewer" }, least: "admin", status: 201 },
  removeInvitation: { path: "/invitations/none", least: "admin", status: 404 },
  getWho: { path: "/session", least: "viewer", status: 200 },
  listSessions: { path: "/sessions", least: "viewer", status: 200 },
  endSession: { path: "/sessions/none", least: "viewer", status: 404 },
  listApiTokens: { path: "/api-tokens", least: "viewer", status: 200 },
  // API tokens are made in a browser only: whoever asks by one is refused, even as a member who may.
  createApiToken: { path: "/api-tokens", body: { label: "" }, least: "viewer", status: 400 },
  revokeApiToken: { path: "/api-tokens/none", least: "viewer", status: 404 },
};
