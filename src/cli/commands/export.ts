import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readCurrent } from "../../admin-client/current-state.ts";
import { exportState } from "../../admin-client/export-state.ts";
import { findGateway } from "../../admin-client/find-gateway.ts";
import { reportRefusal } from "../admin/admin-verb.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";

/** `callgate export` */
export const exportCommand: Command = {
  usage: "callgate export DIR [--force] [--url URL]",
  description:
    "Writes what a gateway's database holds (servers, policies, grants) into files that `callgate apply` brings a database to: callgate.yaml, and each policy as it was saved. No token and no credential is in them.",
  options: {
    force: { type: "boolean", description: "write over files that are there" },
    url: {
      type: "string",
      value: "URL",
      description: "the gateway, default CALLGATE_URL, else the one last signed in to",
    },
  },
  examples: ["callgate export deploy", "callgate export deploy --force && git diff"],
  run: async (args) => {
    const [folder] = args.positionals;
    if (folder === undefined || args.positionals.length > 1)
      throw new UsageError("name one folder: `callgate export DIR`");
    try {
      const files = exportState(await readCurrent(findGateway(args.text("url"))));
      const there = [...files.keys()].find((path) => existsSync(join(folder, path)));
      if (there !== undefined && !args.flag("force"))
        throw new UsageError(`\`${join(folder, there)}\` is there already: name another folder, or add \`--force\``);
      for (const [path, text] of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      process.stdout.write(`wrote ${files.size} files to ${folder}\n`);
      return exitCodes.done;
    } catch (error) {
      return reportRefusal(error);
    }
  },
};
