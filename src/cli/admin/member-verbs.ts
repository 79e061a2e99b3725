import type { ApiClient } from "../../admin-client/api-client.ts";
import {
  createInvitation,
  editMember,
  listInvitations,
  listMembers,
  type MemberView,
  removeInvitation,
  removeMember,
} from "../../api/contract/members.ts";
import { type Role, roles } from "../../values/roles.ts";
import { UsageError } from "../command.ts";
import { shown } from "../output/rows.ts";
import { formatFields, formatTable } from "../output/table.ts";
import { type AdminVerb, word } from "./admin-verb.ts";

/** `callgate members ...` */
export const memberVerbs: Readonly<Record<string, AdminVerb>> = {
  list: {
    takes: "",
    description: "Lists the members.",
    example: "callgate members list",
    run: async (client) => {
      const members = await client.all(listMembers);
      const rows = members.map(({ id, email, name, role, lastSeenAt }) => [
        id,
        email,
        name,
        role,
        lastSeenAt ?? "never",
      ]);
      return { value: members, lines: formatTable(["ID", "E-MAIL", "NAME", "ROLE", "LAST SEEN"], rows) };
    },
  },
  invite: {
    takes: "ROLE",
    description: `Makes a link by which somebody becomes a member, once and within seven days. Roles: ${roles.join(", ")}.`,
    options: { email: { type: "string", value: "EMAIL", description: "the only address that may accept it" } },
    example: "callgate members invite viewer --email bob@example.com",
    run: async (client, args) => {
      const email = args.text("email");
      const body = { role: readRole(word(args, 0)), ...(email === undefined ? {} : { email }) };
      const value = await client.send(createInvitation, { body });
      const fields = formatFields({
        id: value.id,
        role: value.role,
        for: value.email ?? "whoever has the link",
        until: value.expiresAt,
      });
      return { value, lines: [...fields, `link   ${value.url}`, "pass it on now: it is never shown again"] };
    },
  },
  invitations: {
    takes: "",
    description: "Lists the invitations that nobody has accepted yet.",
    example: "callgate members invitations",
    run: async (client) => {
      const invitations = await client.all(listInvitations);
      const rows = invitations.map(({ id, email, role, expiresAt }) => [
        id,
        email ?? "whoever has the link",
        role,
        expiresAt,
      ]);
      return { value: invitations, lines: formatTable(["ID", "FOR", "ROLE", "UNTIL"], rows) };
    },
  },
  uninvite: {
    takes: "ID",
    description: "Takes an invitation back.",
    example: "callgate members uninvite k3v9x2m4q8z1",
    run: async (client, args) => {
      const invitationId = word(args, 0);
      await client.send(removeInvitation, { params: { invitationId } });
      return { value: { removed: invitationId }, lines: [`took the invitation ${shown(invitationId)} back`] };
    },
  },
  role: {
    takes: "MEMBER ROLE",
    description: "Gives a member (id or e-mail address) another role, from their next request on.",
    example: "callgate members role bob@example.com policy_manager",
    run: async (client, args) => {
      const { id, revision } = await findMember(client, word(args, 0));
      const body = { role: readRole(word(args, 1)) };
      const value = await client.send(editMember, { params: { memberId: id }, body, revision });
      return { value, lines: [`${shown(value.email)} is ${value.role} now`] };
    },
  },
  remove: {
    takes: "MEMBER",
    description:
      "Removes a member (id or e-mail address) with their sessions and API tokens, and lists the grants they minted.",
    options: { "revoke-grants": { type: "boolean", description: "revoke those grants too" } },
    example: "callgate members remove bob@example.com --revoke-grants",
    run: async (client, args) => {
      const { id, email } = await findMember(client, word(args, 0));
      const grants = args.flag("revoke-grants") ? ("revoke" as const) : ("keep" as const);
      const value = await client.send(removeMember, { params: { memberId: id }, query: { grants } });
      const state = value.areRevoked ? "revoked" : "still works";
      const lines = value.grants.map((grant) => `the grant ${grant.id} (${shown(grant.label)}) ${state}`);
      return { value, lines: [`removed ${shown(email)}`, ...lines] };
    },
  },
};

async function findMember(client: ApiClient, text: string): Promise<MemberView> {
  const members = await client.all(listMembers);
  const found = members.find(({ id, email }) => id === text || email === text.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`there is no member \`${text}\`: see \`callgate members list\``);
}

function readRole(text: string): Role {
  const role = roles.find((known) => known === text);
  if (role !== undefined) return role;
  throw new UsageError(`unknown role \`${text}\`: use ${roles.join(", ")}`);
}
