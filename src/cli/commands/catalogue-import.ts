import { basename } from "node:path";
import { entryOf } from "../../catalogue-store/import/imported-server.ts";
import { readImport } from "../../catalogue-store/import/read-import.ts";
import { systemClock } from "../../clock.ts";
import { readTextFile } from "../../config/read-text-file.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { formatProblems } from "../output/problems.ts";
import { catalogueOption, withCatalogue } from "../with-catalogue.ts";

/** `callgate catalogue import` */
export const catalogueImportCommand: Command = {
  usage: "callgate catalogue import FILE [--name NAME]",
  description:
    "Takes servers in from what others wrote: the MCP registry's server.json or a page of its list, Docker's tools.json, ToolHive's registry, a saved tools/list answer, a client's configuration (no value of it is kept). Tools are classified; a server whose tools the source does not tell has no grade and no verdict.",
  options: {
    name: { type: "string", value: "NAME", description: "what to call a server that the file does not name" },
    json: { type: "boolean", description: "print as JSON" },
    ...catalogueOption,
  },
  examples: ["callgate catalogue import server.json", "callgate catalogue import tools.json --name notes"],
  run: (args) => {
    const [file] = args.positionals;
    if (file === undefined) throw new UsageError("name a file: `callgate catalogue import server.json`");
    const text = readTextFile(file);
    if (typeof text !== "string") {
      process.stderr.write(`${formatProblems([text])}\n`);
      return Promise.resolve(exitCodes.refused);
    }
    const nowMs = systemClock.wallMs();
    const name = args.text("name") ?? basename(file).replace(/\.[a-z]+$/iu, "");
    const { format, servers } = readImport(text, { name, importedAt: new Date(nowMs).toISOString() });
    const entries = servers.map(entryOf);
    return withCatalogue(args, ({ store }) => {
      const { kept, changes } = store.put(entries, nowMs);
      const slugs = entries.map(({ record }) => record.slug);
      if (args.flag("json")) process.stdout.write(`${formatJson({ format, servers: slugs, kept, changes })}\n`);
      else {
        const seen = entries.filter(({ isExamined }) => isExamined).length;
        process.stdout.write(
          `${kept} of ${entries.length} servers taken in (${format}), ${seen} with their tools; ${changes} changes noted\n`,
        );
      }
      return exitCodes.done;
    });
  },
};
