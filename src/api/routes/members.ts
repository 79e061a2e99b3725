import {
  inviteMember,
  type InvitationEntry,
  listInvitations as readInvitations,
  withdrawInvitation,
} from "../../control/invitations.ts";
import {
  changeRole,
  listMembers as readMembers,
  type MemberEntry,
  readMember,
  removeMember as removeFromMembers,
} from "../../control/members.ts";
import { readOrganisation, renameOrganisation } from "../../control/organisation.ts";
import type { BindOperation } from "../bind-operation.ts";
import {
  createInvitation,
  editMember,
  getMember,
  type InvitationView,
  listInvitations,
  listMembers,
  type MemberView,
  removeInvitation,
  removeMember,
} from "../contract/members.ts";
import { editOrganisation, getOrganisation } from "../contract/organisation.ts";
import { pageOfAll } from "../cursor.ts";
import { timeText } from "../time-text.ts";
import type { WebParts } from "../web-parts.ts";

/** The organisation and its members. */
export function bindMembers(bind: BindOperation, { control, publicOrigin }: WebParts): void {
  bind(getOrganisation, async ({ actor }) => {
    const { createdMs, ...entry } = await readOrganisation(control, actor);
    return { answer: { ...entry, createdAt: timeText(createdMs) }, revision: entry.revision };
  });
  bind(editOrganisation, async ({ actor, body, revision }) => {
    const { createdMs, ...entry } = await renameOrganisation(control, actor, body.name, revision);
    return { answer: { ...entry, createdAt: timeText(createdMs) }, revision: entry.revision };
  });
  bind(listMembers, async ({ actor, query }) => {
    const members = await readMembers(control, actor);
    const byEmail = members.map((member) => [member.email, member] as const);
    return { answer: pageOfAll("members", byEmail, query, memberView) };
  });
  bind(getMember, async ({ actor, params }) => {
    const member = await readMember(control, actor, params.memberId);
    return { answer: memberView(member), revision: member.revision };
  });
  bind(editMember, async ({ actor, params, body, revision }) => {
    const member = await changeRole(control, actor, params.memberId, body.role, revision);
    return { answer: memberView(member), revision: member.revision };
  });
  bind(removeMember, async ({ actor, params, query }) => {
    const areRevoked = query.grants === "revoke";
    const grants = await removeFromMembers(control, actor, params.memberId, areRevoked);
    const shown = grants.map(({ id, label, owner }) => ({ id, label, owner: owner ?? null }));
    return { answer: { grants: shown, areRevoked } };
  });
  bind(listInvitations, async ({ actor, query }) => {
    const invitations = await readInvitations(control, actor);
    const byId = invitations.map((invitation) => [invitation.id, invitation] as const);
    return { answer: pageOfAll("invitations", byId, query, invitationView) };
  });
  bind(createInvitation, async ({ actor, body }) => {
    const { token, ...entry } = await inviteMember(control, actor, { email: body.email, role: body.role });
    return { answer: { ...invitationView(entry), url: `${publicOrigin()}/invitation?token=${token}` } };
  });
  bind(removeInvitation, async ({ actor, params }) => {
    await withdrawInvitation(control, actor, params.invitationId);
    return { answer: undefined };
  });
}

function memberView({ hasPassword, hasOidc, createdMs, lastSeenMs, ...entry }: MemberEntry): MemberView {
  return {
    ...entry,
    signIn: { password: hasPassword, oidc: hasOidc },
    createdAt: timeText(createdMs),
    lastSeenAt: timeText(lastSeenMs),
  };
}

function invitationView({ id, email, role, createdBy, createdMs, expiresMs }: InvitationEntry): InvitationView {
  return {
    id,
    email: email ?? null,
    role,
    createdBy: createdBy ?? null,
    createdAt: timeText(createdMs),
    expiresAt: timeText(expiresMs),
  };
}
