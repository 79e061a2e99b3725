import pc from "picocolors";
import { type Attack, attackCategories } from "../../attacks/attack.ts";
import { loadAttacks, type WithoutEntry } from "../../attacks/load-entries.ts";
import { signals } from "../../policy/index.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";

/** `callgate attacks list` */
export const attacksListCommand: Command = {
  usage: "callgate attacks list [--category WORD] [--signal WORD] [--json]",
  description:
    "Lists the attacks of the database with their label: how far a policy at the gateway stops them (full, partial, none). Without a filter also those that no policy judges: what of the gateway stops them, or why nothing does.",
  options: {
    category: { type: "string", value: "WORD", description: `one kind: ${attackCategories.join(", ")}` },
    signal: { type: "string", value: "WORD", description: "attacks that abuse tools with this signal, e.g. takes_url" },
    json: { type: "boolean", description: "print them as JSON" },
  },
  examples: [
    "callgate attacks list",
    'callgate attacks list --category "data theft"',
    "callgate attacks list --signal takes_path --json",
  ],
  run: (args) => {
    const category = oneOf(args, "category", attackCategories);
    const signal = oneOf(args, "signal", signals);
    const { attacks, stoppedByGateway, outOfReach } = loadAttacks();
    // They abuse no kind of tool that a filter could name.
    const others = category === undefined && signal === undefined ? { stoppedByGateway, outOfReach } : {};
    const found = attacks.filter(
      (attack) =>
        (category === undefined || attack.category === category) &&
        (signal === undefined || attack.abuses.signals.includes(signal)),
    );
    if (args.flag("json")) process.stdout.write(`${formatJson({ attacks: found.map(asRow), ...others })}\n`);
    else process.stdout.write(`${[...table(found), ...othersTable(others)].join("\n")}\n`);
    return Promise.resolve(exitCodes.done);
  },
};

function oneOf<T extends string>(args: Arguments, option: string, known: readonly T[]): T | undefined {
  const word = args.text(option);
  const found = known.find((one) => one === word);
  if (word !== undefined && found === undefined)
    throw new UsageError(`unknown ${option} \`${word}\`: use one of ${known.join(", ")}`);
  return found;
}

function asRow({ slug, name, category, coverage, abuses, sources }: Attack): unknown {
  return { slug, name, category, coverage, abuses, sources };
}

function table(attacks: readonly Attack[]): readonly string[] {
  const width = Math.max(0, ...attacks.map(({ slug }) => slug.length));
  const rows = attacks.map(
    ({ slug, name, category, coverage }) =>
      `${coverage.padEnd(7)}  ${slug.padEnd(width)}  ${category.padEnd(15)}  ${name}`,
  );
  const counts = (["full", "partial", "none"] as const).map(
    (label) => `${label} ${attacks.filter(({ coverage }) => coverage === label).length}`,
  );
  return [...rows, `${attacks.length} attacks: ${counts.join(", ")}`];
}

function othersTable({ stoppedByGateway = [], outOfReach = [] }: Partial<WithoutEntry>): readonly string[] {
  return [
    ...section(
      "stopped by the gateway itself, whatever the policy",
      stoppedByGateway.map(({ how, ...attack }) => ({ ...attack, text: how })),
    ),
    ...section(
      "out of a policy's reach",
      outOfReach.map(({ reason, ...attack }) => ({ ...attack, text: reason })),
    ),
  ];
}

function section(
  heading: string,
  attacks: readonly { readonly slug: string; readonly name: string; readonly text: string }[],
): readonly string[] {
  if (attacks.length === 0) return [];
  const lines = attacks.map(({ slug, name, text }) => `  ${slug}  ${name}\n    ${pc.dim(text)}`);
  return ["", pc.bold(`${attacks.length} ${heading}`), ...lines];
}
