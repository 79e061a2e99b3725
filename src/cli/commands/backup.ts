import { resolve } from "node:path";
import { backUp } from "../../compose/backup.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { readStorePlace, storeOptions } from "../store-argument.ts";

/** `callgate backup` */
export const backupCommand: Command = {
  usage: "callgate backup FILE [--config FILE | --store FILE] [--json]",
  description:
    "Copies the store into a new file as it is at this moment, also while gateways work on it, and checks the copy. The key of stored secrets is not in it.",
  options: {
    ...storeOptions,
    json: { type: "boolean", description: "print the report as JSON" },
  },
  examples: ["callgate backup /backups/callgate-$(date +%F).sqlite", "callgate backup copy.sqlite -c callgate.yaml"],
  run: async (args) => {
    const [file] = args.positionals;
    if (file === undefined || args.positionals.length > 1)
      throw new UsageError("name one file: `callgate backup FILE`");
    const report = await backUp(readStorePlace(args), resolve(file));
    if (args.flag("json")) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    else {
      process.stdout.write(
        `backed up ${report.storeFile} to ${report.file}: ${report.bytes} bytes, schema ${report.schema}, ${report.rows} rows, ${report.grants} grants; checked\n` +
          `the key of stored secrets is not in it: it is ${report.key}, keep that apart\n`,
      );
    }
    return exitCodes.done;
  },
};
