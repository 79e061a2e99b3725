import type { CatalogueChange } from "../../catalogue-store/catalogue-store.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatChange } from "../output/changes.ts";
import { formatJson } from "../output/json.ts";
import { shown } from "../output/rows.ts";
import { readSeverity } from "../severity-argument.ts";
import { catalogueOption, readCount, withCatalogue } from "../with-catalogue.ts";

/** `callgate catalogue changes` */
export const catalogueChangesCommand: Command = {
  usage: "callgate catalogue changes [--after N] [--severity LEVEL] [--json]",
  description:
    "Lists what changed between two looks at a server, oldest first: tools added, removed, renamed; descriptions, schemas, annotations, categories, instructions, publisher, access and grade changed; new findings; prompts and resources added and removed. Each entry has a number; go on after the last one you saw.",
  options: {
    after: { type: "string", value: "N", description: "entries after this number, default 0" },
    severity: {
      type: "string",
      value: "LEVEL",
      description: "at least this bad: low (default), medium, high, critical",
    },
    limit: { type: "string", short: "n", value: "N", description: "at most so many, default 100" },
    json: { type: "boolean", description: "print as JSON" },
    ...catalogueOption,
  },
  examples: ["callgate catalogue changes --severity high", "callgate catalogue changes --after 120 --json"],
  run: (args) => {
    const after = Number(args.text("after") ?? 0);
    if (!Number.isSafeInteger(after) || after < 0) throw new UsageError("`--after` takes a whole number from 0");
    const severity = readSeverity(args.text("severity") ?? "low");
    const limit = readCount(args, "limit", 100, 1_000);
    return withCatalogue(args, ({ store }) => {
      const changes = store.changes({ after, severity, limit });
      if (args.flag("json"))
        process.stdout.write(`${formatJson({ changes, after: changes.at(-1)?.sequence ?? after })}\n`);
      else process.stdout.write([...changes.map(changeLine), ""].join("\n"));
      return exitCodes.done;
    });
  },
};

function changeLine({ sequence, at, server, ...change }: CatalogueChange): string {
  return `${sequence} ${at} ${shown(server)} ${formatChange(change)}`;
}
