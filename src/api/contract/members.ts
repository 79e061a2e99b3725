import { z } from "zod";
import { type Role, roles } from "../../values/roles.ts";
import { idText, type Page, pageOf, type PageQuery, pageQuery, time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** A role by its name. */
export const role: z.ZodType<Role> = z.enum(roles);

/** A person who administers. */
export interface MemberView {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** How they sign in. */
  readonly signIn: { readonly password: boolean; readonly oidc: boolean };
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  readonly revision: number;
}

const member: z.ZodType<MemberView> = z
  .strictObject({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role,
    signIn: z.strictObject({ password: z.boolean(), oidc: z.boolean() }),
    createdAt: time,
    lastSeenAt: time.nullable(),
    revision: z.int(),
  })
  .meta({ id: "Member" });

/** Names a member. */
export interface MemberParams {
  readonly memberId: string;
}

const memberParams: z.ZodType<MemberParams> = z.strictObject({ memberId: idText });

/** All members. */
export const listMembers: Operation<{ query: PageQuery; answer: Page<MemberView> }> = {
  id: "listMembers",
  method: "GET",
  path: "/members",
  tag: "members",
  summary: "List the members, by e-mail address",
  access: "members.read",
  params: nothing,
  query: pageQuery,
  body: noContent,
  answer: pageOf("MemberPage", member),
  status: 200,
  codes: [],
};

/** One member. */
export const getMember: Operation<{ params: MemberParams; answer: MemberView }> = {
  id: "getMember",
  method: "GET",
  path: "/members/{memberId}",
  tag: "members",
  summary: "Read a member",
  access: "members.read",
  params: memberParams,
  query: nothing,
  body: noContent,
  answer: member,
  status: 200,
  revision: "shown",
  codes: ["NOT_FOUND"],
};

/** What of a member can be changed. */
export interface MemberEdit {
  readonly role: Role;
}

/** Another role. */
export const editMember: Operation<{ params: MemberParams; body: MemberEdit; answer: MemberView }> = {
  id: "editMember",
  method: "PATCH",
  path: "/members/{memberId}",
  tag: "members",
  summary: "Give a member another role: they sign in again, their API tokens follow at once",
  access: "members.write",
  params: memberParams,
  query: nothing,
  body: z.strictObject({ role }),
  answer: member,
  status: 200,
  revision: "demanded",
  codes: ["NOT_FOUND", "LAST_ADMIN"],
};

/** What becomes of the grants that a removed member minted. */
export interface RemovalQuery {
  readonly grants: "keep" | "revoke";
}

/** The grants that a removed member minted and that worked until then. */
export interface RemovalView {
  readonly grants: readonly { readonly id: string; readonly label: string; readonly owner: string | null }[];
  readonly areRevoked: boolean;
}

const removal: z.ZodType<RemovalView> = z
  .strictObject({
    grants: z.array(z.strictObject({ id: z.string(), label: z.string(), owner: z.string().nullable() })),
    areRevoked: z.boolean(),
  })
  .meta({ id: "MemberRemoval" });

/** A member goes. */
export const removeMember: Operation<{ params: MemberParams; query: RemovalQuery; answer: RemovalView }> = {
  id: "removeMember",
  method: "DELETE",
  path: "/members/{memberId}",
  tag: "members",
  summary: "Remove a member with their sessions and API tokens, and on request the grants they minted",
  access: "members.write",
  params: memberParams,
  query: z.strictObject({ grants: z.enum(["keep", "revoke"]).default("keep") }),
  body: noContent,
  answer: removal,
  status: 200,
  codes: ["NOT_FOUND", "LAST_ADMIN"],
};

/** An invitation that nobody has accepted yet. */
export interface InvitationView {
  readonly id: string;
  /** The only address that may accept it; null for whoever has the link. */
  readonly email: string | null;
  readonly role: Role;
  readonly createdBy: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** An invitation with its link, shown now and never again. */
export interface NewInvitationView extends InvitationView {
  readonly url: string;
}

const invitationMembers = {
  id: z.string(),
  email: z.string().nullable(),
  role,
  createdBy: z.string().nullable(),
  createdAt: time,
  expiresAt: time,
};

const invitation: z.ZodType<InvitationView> = z.strictObject(invitationMembers).meta({ id: "Invitation" });

const newInvitation: z.ZodType<NewInvitationView> = z
  .strictObject({ ...invitationMembers, url: z.string() })
  .meta({ id: "NewInvitation" });

/** All invitations that can still be accepted. */
export const listInvitations: Operation<{ query: PageQuery; answer: Page<InvitationView> }> = {
  id: "listInvitations",
  method: "GET",
  path: "/invitations",
  tag: "members",
  summary: "List the invitations that nobody has accepted yet",
  access: "members.write",
  params: nothing,
  query: pageQuery,
  body: noContent,
  answer: pageOf("InvitationPage", invitation),
  status: 200,
  codes: [],
};

/** Who is invited, and as what. */
export interface InvitationInput {
  /** The only address that may accept; left out, whoever has the link. */
  readonly email?: string;
  readonly role: Role;
}

/** Somebody is invited. */
export const createInvitation: Operation<{ body: InvitationInput; answer: NewInvitationView }> = {
  id: "createInvitation",
  method: "POST",
  path: "/invitations",
  tag: "members",
  summary: "Invite somebody: the link is shown once, works once, and for seven days",
  access: "members.write",
  params: nothing,
  query: nothing,
  body: z.strictObject({ email: z.exactOptional(z.string().max(254)), role }),
  answer: newInvitation,
  status: 201,
  isRepeatable: "sealed",
  codes: ["NAME_TAKEN"],
};

/** Names an invitation. */
export interface InvitationParams {
  readonly invitationId: string;
}

/** An invitation is taken back. */
export const removeInvitation: Operation<{ params: InvitationParams }> = {
  id: "removeInvitation",
  method: "DELETE",
  path: "/invitations/{invitationId}",
  tag: "members",
  summary: "Take an invitation back",
  access: "members.write",
  params: z.strictObject({ invitationId: idText }),
  query: nothing,
  body: noContent,
  answer: noContent,
  status: 204,
  codes: ["NOT_FOUND"],
};

/** Every operation on members and invitations. */
export const memberOperations: readonly AnyOperation[] = [
  listMembers,
  getMember,
  editMember,
  removeMember,
  listInvitations,
  createInvitation,
  removeInvitation,
];
