import type { Role } from "../../values/roles.ts";

/** Roles in words: what they are called and what they may do. */
export const roleTexts: Readonly<Record<Role, { readonly title: string; readonly can: string }>> = {
  viewer: { title: "viewer", can: "you can look at servers, policies, grants and calls" },
  approver: { title: "approver", can: "you can look at everything, and settle calls that wait for approval" },
  policy_manager: { title: "policy manager", can: "you can write policies and attach them to grants" },
  admin: { title: "admin", can: "you can do everything: servers, credentials, grants and members" },
};
