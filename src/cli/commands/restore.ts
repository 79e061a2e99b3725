import { resolve } from "node:path";
import pc from "picocolors";
import { restore, type RestoreReport } from "../../compose/backup.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { shown } from "../output/rows.ts";
import { readStorePlace, storeOptions } from "../store-argument.ts";

/** `callgate restore` */
export const restoreCommand: Command = {
  usage: "callgate restore FILE [--config FILE | --store FILE] [--json]",
  description:
    "Puts a backup in the place of the store, which no running callgate may use; what was there is kept beside it. Says which secrets the present key does not open, and what works again that had been ended. Exit code 1 when secrets cannot be opened.",
  options: {
    ...storeOptions,
    json: { type: "boolean", description: "print the report as JSON" },
  },
  examples: ["callgate restore /backups/callgate-2026-11-26.sqlite", "callgate restore copy.sqlite -c callgate.yaml"],
  run: async (args) => {
    const [file] = args.positionals;
    if (file === undefined || args.positionals.length > 1)
      throw new UsageError("name one file: `callgate restore FILE`");
    const report = await restore(readStorePlace(args), resolve(file));
    if (args.flag("json")) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    else process.stdout.write(`${formatReport(report).join("\n")}\n`);
    const { keyProblem, unreadable } = report.secrets;
    return keyProblem === undefined && unreadable.length === 0 ? exitCodes.done : exitCodes.refused;
  },
};

function formatReport({
  file,
  storeFile,
  formerFile,
  rows,
  grants,
  schema,
  secrets,
  revived,
}: RestoreReport): string[] {
  const again = [
    ...(revived?.grants ?? []).map(({ id, label }) => `the grant ${id} (${shown(label)})`),
    ...(revived?.members ?? []).map((email) => `the member ${shown(email)}`),
    ...(revived?.apiTokens ?? []).map((label) => `the API token ${shown(label)}`),
    ...(revived?.passwords ?? []).map((email) => `the former password of ${shown(email)}`),
    ...(revived?.roles ?? []).map((email) => `the former role of ${shown(email)}`),
  ];
  return [
    `restored ${file} to ${storeFile}: schema ${schema}, ${rows} rows, ${grants} grants; checked`,
    ...(formerFile === undefined ? [] : [`what was there is kept in ${formerFile}`]),
    ...again.map((one) => `${pc.yellow("works again")} ${one}, which had been ended: end it again unless you mean it`),
    ...(secrets.keyProblem === undefined ? [] : [`${pc.red("problem")} ${secrets.keyProblem}`]),
    ...secrets.unreadable.map((one) => `${pc.red("problem")} ${one}`),
    ...(secrets.count > 0 && secrets.keyProblem === undefined && secrets.unreadable.length === 0
      ? [`the present key opens all ${secrets.count} secrets in it`]
      : []),
  ];
}
