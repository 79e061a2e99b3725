import { getEffective } from "../../api/contract/effective.ts";
import {
  getGrant,
  type GrantView,
  type GrantWithTokenView,
  listGrants,
  mintGrant,
  revokeGrant,
  revokeGrantsOfOwner,
  rotateGrant,
} from "../../api/contract/grants.ts";
import { parseDuration } from "../../documents/durations.ts";
import { systemClock } from "../../clock.ts";
import { parseRfc3339 } from "../../values/rfc3339.ts";
import { type Arguments, UsageError } from "../command.ts";
import { formatFields, formatTable } from "../output/table.ts";
import { type AdminVerb, type Shown, word } from "./admin-verb.ts";

/** `callgate grants ...` */
export const grantVerbs: Readonly<Record<string, AdminVerb>> = {
  list: {
    takes: "",
    description: "Lists the grants.",
    options: {
      owner: { type: "string", value: "NAME", description: "those of this owner" },
      server: { type: "string", value: "ID", description: "those that open this server" },
      tag: { type: "string", value: "NAME:VALUE", description: "those with this tag" },
    },
    example: "callgate grants list --owner alice@example.com",
    run: async (client, args) => {
      const names = ["owner", "server", "tag"];
      const given = names.flatMap((name) => (args.text(name) === undefined ? [] : [[name, args.text(name)] as const]));
      const grants = await client.all(listGrants, { query: Object.fromEntries(given) });
      const rows = grants.map((grant) => [
        grant.id,
        grant.label,
        grant.owner ?? "",
        stateOf(grant),
        serversText(grant),
        grant.lastUsedAt ?? "never",
        `${grant.calls.allowed}/${grant.calls.denied}`,
      ]);
      const headings = ["ID", "LABEL", "OWNER", "STATE", "SERVERS AND POLICIES", "LAST USED", "ALLOWED/DENIED"];
      return { value: grants, lines: formatTable(headings, rows) };
    },
  },
  show: {
    takes: "ID",
    description: "Shows a grant.",
    example: "callgate grants show k3v9x2m4q8z1",
    run: async (client, args) => show(await client.send(getGrant, { params: { grantId: word(args, 0) } })),
  },
  mint: {
    takes: "LABEL",
    description: "Makes a grant. Its token is printed once.",
    options: {
      server: {
        type: "string",
        multiple: true,
        value: "ID=POLICY",
        description: "a server that it opens, with the policy for it; without a policy everything is denied there",
      },
      owner: { type: "string", value: "NAME", description: "whose it is" },
      tag: { type: "string", multiple: true, value: "NAME=VALUE", description: "a tag that policies can read" },
      expires: { type: "string", value: "TIME", description: "when it ends: RFC 3339, or from now on as in `30d`" },
      "show-denied": { type: "boolean", description: "keep tools that it can never call in its lists" },
    },
    example: "callgate grants mint 'alice, laptop' --owner alice@example.com --server notes=careful",
    run: async (client, args) => {
      const owner = args.text("owner");
      const expires = args.text("expires");
      const body = {
        label: word(args, 0),
        ...(owner === undefined ? {} : { owner }),
        tags: Object.fromEntries(pairs(args, "tag").map(([name, value]) => [name, value ?? ""])),
        servers: Object.fromEntries(pairs(args, "server").map(([name, value]) => [name, value ?? null])),
        showDenied: args.flag("show-denied"),
        ...(expires === undefined ? {} : { expiresAt: readMoment(expires) }),
      };
      return showToken(await client.send(mintGrant, { body }));
    },
  },
  rotate: {
    takes: "ID",
    description: "Gives a grant a new token, which is printed once. The old ones fail with their next request.",
    options: {
      overlap: { type: "string", value: "TIME", description: "let the old tokens work on for so long, at most 7d" },
    },
    example: "callgate grants rotate k3v9x2m4q8z1 --overlap 1h",
    run: async (client, args) => {
      const overlap = args.text("overlap");
      const overlapMs = overlap === undefined ? 0 : parseDuration(overlap);
      if (overlapMs === undefined) throw new UsageError("`--overlap` takes a length of time: write `1h`");
      return showToken(await client.send(rotateGrant, { params: { grantId: word(args, 0) }, body: { overlapMs } }));
    },
  },
  revoke: {
    takes: "[ID]",
    description: "Ends a grant for good, or with `--owner` all grants of one owner.",
    options: { owner: { type: "string", value: "NAME", description: "all grants of this owner, in one step" } },
    example: "callgate grants revoke k3v9x2m4q8z1",
    run: async (client, args) => {
      const owner = args.text("owner");
      const grantId = word(args, 0);
      if ((owner === undefined) === (grantId === "")) throw new UsageError("name one grant, or an `--owner`");
      if (owner === undefined) return show(await client.send(revokeGrant, { params: { grantId } }));
      const value = await client.send(revokeGrantsOfOwner, { body: { owner } });
      const ended = value.revoked.map((id) => `revoked ${id}`);
      const left = value.readOnly.map((id) => `${id} is in the operator's files: end it there`);
      return { value, lines: [...ended, ...left, `${ended.length} grants of ${owner} revoked`] };
    },
  },
  effective: {
    takes: "ID",
    description: "Shows what a grant sees and may call on each of its servers, by the kept lists of tools.",
    example: "callgate grants effective k3v9x2m4q8z1",
    run: async (client, args) => {
      const value = await client.send(getEffective, { params: { grantId: word(args, 0) } });
      const rows = value.servers.flatMap(({ server, policy, closedBecause, fetchedAt, tools }) => {
        const why = closedBecause?.replaceAll("_", " ") ?? (policy === null ? "no policy" : policy);
        if (tools.length === 0) return [[server, why, fetchedAt === null ? "(tools never fetched)" : "(none)", ""]];
        return tools.map(({ name, isListed, isCallable }) => [
          server,
          why,
          name,
          isCallable ? "callable" : isListed ? "listed, always denied" : "hidden",
        ]);
      });
      return { value, lines: formatTable(["SERVER", "POLICY", "TOOL", ""], rows) };
    },
  },
};

function show(grant: GrantView): Shown {
  const lines = formatFields({
    id: grant.id,
    label: grant.label,
    owner: grant.owner ?? "nobody",
    state: stateOf(grant),
    from: grant.source,
    servers: serversText(grant) || "none",
    tags:
      Object.entries(grant.tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(", ") || "none",
    "last used": grant.lastUsedAt ?? "never",
    calls: `${grant.calls.allowed} allowed, ${grant.calls.denied} denied`,
    "made by": grant.createdBy ?? "the operator's files",
  });
  return { value: grant, lines };
}

function showToken(value: GrantWithTokenView): Shown {
  const token = [`token      ${value.token}`, "keep it now: it is never shown again"];
  return { value, lines: [...show(value.grant).lines, ...token] };
}

function stateOf({ revokedAt, expiresAt }: GrantView): string {
  if (revokedAt !== null) return `revoked ${revokedAt}`;
  if (expiresAt === null) return "works";
  return Date.parse(expiresAt) <= systemClock.wallMs() ? `expired ${expiresAt}` : `works until ${expiresAt}`;
}

function serversText({ servers }: GrantView): string {
  return Object.entries(servers)
    .map(([server, policy]) => `${server}=${policy ?? "(no policy)"}`)
    .join(", ");
}

/** The values of an option `NAME=VALUE` that may be repeated; undefined where there is no `=`. */
function pairs(args: Arguments, name: string): readonly (readonly [string, string | undefined])[] {
  return args.texts(name).map((text) => {
    const at = text.indexOf("=");
    return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  });
}

/** A moment in UTC, from RFC 3339 or from a length of time from now on. */
function readMoment(text: string): string {
  const lengthMs = parseDuration(text);
  if (lengthMs !== undefined) return new Date(systemClock.wallMs() + lengthMs).toISOString();
  if (parseRfc3339(text) !== undefined) return new Date(text).toISOString();
  throw new UsageError(`\`${text}\` is no time: write \`30d\`, or RFC 3339 as in \`2027-01-31T00:00:00Z\``);
}
