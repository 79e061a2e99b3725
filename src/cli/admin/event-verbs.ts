import { type AdminEventView, listAdminEvents } from "../../api/contract/admin-events.ts";
import { type EventView, listEvents } from "../../api/contract/calls.ts";
import { systemClock } from "../../clock.ts";
import { parseDuration } from "../../documents/durations.ts";
import { parseRfc3339 } from "../../values/rfc3339.ts";
import { type Arguments, type Option, UsageError } from "../command.ts";
import { formatTable } from "../output/table.ts";
import type { AdminVerb } from "./admin-verb.ts";

const timeOptions: Readonly<Record<string, Option>> = {
  since: { type: "string", value: "TIME", description: "from this time on: RFC 3339, or so long ago as in `7d`" },
  until: { type: "string", value: "TIME", description: "before that time" },
  last: { type: "string", short: "n", value: "N", description: "how many at most, default 50" },
};

/** `callgate events ...` */
export const eventVerbs: Readonly<Record<string, AdminVerb>> = {
  list: {
    takes: "",
    description:
      "Lists what was recorded beside calls (refused messages and tokens, servers, reloads), the latest first.",
    options: {
      grant: { type: "string", value: "ID", description: "of this grant" },
      server: { type: "string", value: "ID", description: "of this server" },
      ...timeOptions,
    },
    example: "callgate events list --server notes --since 1h",
    run: async (client, args) => {
      const query = { ...wordsOf(args, { grant: "grant", server: "server" }), ...timesOf(args) };
      const value = await client.all(listEvents, { query, atMost: countOf(args) });
      return { value, lines: formatTable(["TIME", "EVENT", "WHY", "ABOUT", ""], value.map(eventRow)) };
    },
  },
  changes: {
    takes: "",
    description: "Lists who changed what is administered, the latest first.",
    options: {
      actor: { type: "string", value: "ID", description: "by this member" },
      action: { type: "string", value: "WORD", description: "such as grant.revoke" },
      kind: { type: "string", value: "WORD", description: "of things of this kind, such as policy" },
      id: { type: "string", value: "ID", description: "of the thing with this id" },
      ...timeOptions,
    },
    example: "callgate events changes --kind policy --id careful",
    run: async (client, args) => {
      const words = wordsOf(args, { actor: "actor", action: "action", kind: "objectKind", id: "objectId" });
      const value = await client.all(listAdminEvents, { query: { ...words, ...timesOf(args) }, atMost: countOf(args) });
      return { value, lines: formatTable(["TIME", "BY", "FROM", "ACTION", "OF"], value.map(changeRow)) };
    },
  },
};

function eventRow({ time, event, reason, server, grant, message, counts }: EventView): readonly string[] {
  const numbers = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  const about = [server, grant].filter((part) => part !== null).join(" ");
  return [time, event, reason, about, [message, ...numbers].filter((part) => part !== "").join("; ")];
}

function changeRow({ time, actor, action, object }: AdminEventView): readonly string[] {
  return [time, actor.name, actor.address ?? actor.kind, action, object.id];
}

/** Members of a query from the options that were given. */
function wordsOf(args: Arguments, names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([option, member]): (readonly [string, string])[] => {
      const text = args.text(option);
      return text === undefined ? [] : [[member, text]];
    }),
  );
}

function timesOf(args: Arguments): { readonly since?: string; readonly until?: string } {
  const [since, until] = [args.text("since"), args.text("until")];
  return {
    ...(since === undefined ? {} : { since: readMoment(since) }),
    ...(until === undefined ? {} : { until: readMoment(until) }),
  };
}

function readMoment(text: string): string {
  const lengthMs = parseDuration(text);
  if (lengthMs !== undefined) return new Date(systemClock.wallMs() - lengthMs).toISOString();
  if (parseRfc3339(text) !== undefined) return new Date(text).toISOString();
  throw new UsageError(`\`${text}\` is no time: write \`7d\`, or RFC 3339 as in \`2027-01-31T00:00:00Z\``);
}

function countOf(args: Arguments): number {
  const count = Number(args.text("last") ?? 50);
  if (Number.isInteger(count) && count > 0) return count;
  throw new UsageError("`--last` takes a whole number from 1");
}
