import { nearestWord } from "../../values/suggest.ts";
import { type Command, UsageError } from "../command.ts";
import type { AdminVerb } from "./admin-verb.ts";

/** Commands of two words that ask a gateway's HTTP API: the things they are about, each with its verbs. */
export const groups: Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<Readonly<Record<string, AdminVerb>>> }>
> = {
  servers: {
    summary: "list, show, add, edit, remove, enable, disable, test, tools, refresh",
    load: async () => (await import("./server-verbs.ts")).serverVerbs,
  },
  policies: {
    summary: "list, show, create, save, versions, diff, restore, attach, remove, validate",
    load: async () => (await import("./policy-verbs.ts")).policyVerbs,
  },
  grants: {
    summary: "list, show, mint, rotate, revoke, effective",
    load: async () => (await import("./grant-verbs.ts")).grantVerbs,
  },
  reviews: {
    summary: "list, accept, withdraw",
    load: async () => (await import("./review-verbs.ts")).reviewVerbs,
  },
  credentials: {
    summary: "list, set, remove, connect, disconnect, client",
    load: async () => (await import("./credential-verbs.ts")).credentialVerbs,
  },
  counters: {
    summary: "list, reset",
    load: async () => (await import("./counter-verbs.ts")).counterVerbs,
  },
  events: {
    summary: "list (what happened beside calls), changes (who changed what)",
    load: async () => (await import("./event-verbs.ts")).eventVerbs,
  },
  members: {
    summary: "list, invite, invitations, uninvite, role, remove",
    load: async () => (await import("./member-verbs.ts")).memberVerbs,
  },
};

/** A command line of a group, resolved: its command, or the help of the whole group. */
type Resolved =
  | { readonly kind: "command"; readonly name: string; readonly command: Command }
  | { readonly kind: "help"; readonly text: string };

/** Finds the verb that a command line names. Throws {@link UsageError}. */
export async function resolveVerb(group: string, second: string | undefined): Promise<Resolved> {
  const verbs = (await groups[group]?.load()) ?? {};
  if (second === "--help" || second === "-h") return { kind: "help", text: groupHelp(group, verbs) };
  const names = Object.keys(verbs);
  if (second === undefined || second.startsWith("-")) {
    const list = names.map((name) => `\`${group} ${name}\``).join(", ");
    throw new UsageError(`\`${group}\` is several commands: ${list}`);
  }
  const verb = Object.hasOwn(verbs, second) ? verbs[second] : undefined;
  const name = `${group} ${second}`;
  if (verb !== undefined) {
    const { adminCommand } = await import("./admin-verb.ts");
    return { kind: "command", name, command: adminCommand(name, verb) };
  }
  const near = nearestWord(second, names);
  const hint = near === undefined ? `see \`callgate ${group} --help\`` : `did you mean \`${group} ${near}\`?`;
  throw new UsageError(`there is no command \`${name}\`: ${hint}`);
}

function groupHelp(group: string, verbs: Readonly<Record<string, AdminVerb>>): string {
  const entries = Object.entries(verbs).map(([name, { takes, description }]) => {
    const usage = `callgate ${group} ${name}${takes === "" ? "" : ` ${takes}`}`;
    return `  ${usage}\n      ${description}`;
  });
  return [...entries, "", `\`callgate ${group} VERB --help\` says more.`, ""].join("\n");
}
