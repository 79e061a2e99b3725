import { basename } from "node:path";
import { type CatalogueImport, importText, importUrl } from "../../compose/import-catalogue.ts";
import { readTextFile } from "../../config/read-text-file.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { formatProblems } from "../output/problems.ts";
import { shown } from "../output/rows.ts";
import { catalogueOption, withCatalogue } from "../with-catalogue.ts";

const leftShown = 20;

/** `callgate catalogue import` */
export const catalogueImportCommand: Command = {
  usage: "callgate catalogue import FILE|URL [--name NAME]",
  description:
    "Takes servers in from what others wrote: the MCP registry's server.json or its list (of an address every page), Docker's tools.json, ToolHive's registry, a saved tools/list answer, a client's configuration (no value of it is kept). Tools are classified; a server whose tools the source does not tell has no grade and no verdict. An address is fetched from public networks only, and no redirect is followed.",
  options: {
    name: { type: "string", value: "NAME", description: "what to call a server that the file does not name" },
    "names-checked": {
      type: "boolean",
      description:
        "the list is of a registry that lets only its owner use a name space, as the MCP registry does: names then say who publishes a server",
    },
    "allow-private": { type: "boolean", description: "the address may be a private or loopback one" },
    json: { type: "boolean", description: "print as JSON" },
    ...catalogueOption,
  },
  examples: [
    "callgate catalogue import server.json",
    "callgate catalogue import tools.json --name notes",
    "callgate catalogue import --names-checked 'https://registry.example.com/v0.1/servers?version=latest&limit=100'",
  ],
  run: (args) => {
    const [source] = args.positionals;
    if (source === undefined) throw new UsageError("name a file: `callgate catalogue import server.json`");
    const show = (taken: CatalogueImport): number => {
      const { format, seen, kept, changes, left } = taken;
      const text = [
        `${kept} of ${kept + left.length} servers taken in (${format}), ${seen} with their tools; ${changes} changes noted`,
        ...left.slice(0, leftShown).map(({ name, reason }) => `  not ${shown(name)}: ${shown(reason)}`),
        ...(left.length > leftShown ? [`  and ${left.length - leftShown} more: see --json`] : []),
      ];
      process.stdout.write(`${args.flag("json") ? formatJson(taken) : text.join("\n")}\n`);
      return exitCodes.done;
    };
    const areNamesChecked = args.flag("names-checked");
    if (/^https?:\/\//iu.test(source))
      return withCatalogue(args, async ({ store }) =>
        show(await importUrl(store, source, { allowPrivate: args.flag("allow-private"), areNamesChecked })),
      );
    const text = readTextFile(source);
    if (typeof text !== "string") {
      process.stderr.write(`${formatProblems([text])}\n`);
      return Promise.resolve(exitCodes.refused);
    }
    const name = args.text("name") ?? basename(source).replace(/\.[a-z]+$/iu, "");
    return withCatalogue(args, ({ store }) => show(importText(store, { text, name, areNamesChecked })));
  },
};
