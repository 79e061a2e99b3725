/** What a person may do, from least to most; each role may do what the ones before it may. */
export const roles = ["viewer", "approver", "policy_manager", "admin"] as const;

/** A role of a person in the organisation. */
export type Role = (typeof roles)[number];

/** Something that not every role may do. */
export type Permission =
  | "servers.read"
  | "policies.read"
  | "grants.read"
  | "calls.read"
  | "counters.read"
  | "members.read"
  | "approvals.settle"
  | "policies.write"
  | "grants.attach"
  | "servers.review"
  | "grants.mint"
  | "servers.write"
  | "credentials.write"
  | "members.write"
  | "counters.reset"
  | "events.read"
  | "organisation.write";

/** Everything that needs a role, with the least role it needs. */
export const permissions: Readonly<Record<Permission, Role>> = {
  "servers.read": "viewer",
  "policies.read": "viewer",
  "grants.read": "viewer",
  "calls.read": "viewer",
  "counters.read": "viewer",
  "members.read": "viewer",
  "approvals.settle": "approver",
  "policies.write": "policy_manager",
  "grants.attach": "policy_manager",
  "servers.review": "policy_manager",
  "grants.mint": "admin",
  "servers.write": "admin",
  "credentials.write": "admin",
  "members.write": "admin",
  "counters.reset": "admin",
  "events.read": "admin",
  "organisation.write": "admin",
};

/** Whether a role includes another. Pure. */
export function includesRole(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}

/** Whether a role may do something. Pure. */
export function may(role: Role, permission: Permission): boolean {
  return includesRole(role, permissions[permission]);
}
