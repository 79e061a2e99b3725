import { type Attack, attackCategories } from "../../attacks/attack.ts";
import { loadAttacks } from "../../attacks/load-entries.ts";
import { signals } from "../../policy/index.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";

/** `callgate attacks list` */
export const attacksListCommand: Command = {
  usage: "callgate attacks list [--category WORD] [--signal WORD] [--json]",
  description:
    "Lists the attacks of the database with their label: how far a policy at the gateway stops them (full, partial, none).",
  options: {
    category: { type: "string", value: "WORD", description: `one kind: ${attackCategories.join(", ")}` },
    signal: { type: "string", value: "WORD", description: "attacks that abuse tools with this signal, e.g. takes_url" },
    json: { type: "boolean", description: "print them as JSON, with what has no entry and why" },
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
    const found = attacks.filter(
      (attack) =>
        (category === undefined || attack.category === category) &&
        (signal === undefined || attack.abuses.signals.includes(signal)),
    );
    const rows = found.map(asRow);
    if (args.flag("json")) process.stdout.write(`${formatJson({ attacks: rows, stoppedByGateway, outOfReach })}\n`);
    else process.stdout.write(`${table(found).join("\n")}\n`);
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
