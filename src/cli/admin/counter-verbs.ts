import { type LimitView, listCounters, resetCounter } from "../../api/contract/counters.ts";
import { formatTable } from "../output/table.ts";
import { type AdminVerb, word } from "./admin-verb.ts";

/** `callgate counters ...` */
export const counterVerbs: Readonly<Record<string, AdminVerb>> = {
  list: {
    takes: "",
    description: "Lists limits with what is used of them now. The ids, for `reset`, are shown to admins with --json.",
    options: {
      grant: { type: "string", value: "ID", description: "of this grant" },
      server: { type: "string", value: "ID", description: "on this server" },
      policy: { type: "string", value: "ID", description: "of this policy" },
    },
    example: "callgate counters list --grant k3v9x2m4q8z1",
    run: async (client, args) => {
      const names = ["grant", "server", "policy"];
      const given = names.flatMap((name) => (args.text(name) === undefined ? [] : [[name, args.text(name)] as const]));
      const value = await client.all(listCounters, { query: Object.fromEntries(given) });
      const headings = ["SERVER", "POLICY", "LIMIT", "COUNTS FOR", "BY", "WINDOW", "USED", "OF"];
      return { value, lines: formatTable(headings, value.flatMap(rowsOf)) };
    },
  },
  reset: {
    takes: "ID",
    description: "Sets a counter to nothing; calls in flight keep their places.",
    example: "callgate counters reset \"$(callgate counters list --json | jq -r '.[0].counters[0].id')\"",
    run: async (client, args) => {
      const value = await client.send(resetCounter, { body: { id: word(args, 0) } });
      return { value, lines: [`was ${value.before}, is ${value.after}`] };
    },
  },
};

function rowsOf({ server, policy, counter, scope, window, max, counters }: LimitView): readonly (readonly string[])[] {
  return counters.map(({ by, used, inFlight }) => [
    server,
    policy,
    counter,
    `${scope.kind} ${scope.value}`,
    by ?? "",
    window,
    inFlight === 0 ? used : `${used} (${inFlight} in flight)`,
    max,
  ]);
}
