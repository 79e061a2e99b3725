import { userInfo } from "node:os";
import { systemClock } from "../../clock.ts";
import { categories } from "../../policy/index.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { shown } from "../output/rows.ts";
import { catalogueOption, readCategory, withCatalogue } from "../with-catalogue.ts";

/** `callgate catalogue override` */
export const catalogueOverrideCommand: Command = {
  usage: "callgate catalogue override SERVER TOOL CATEGORY --note TEXT | SERVER TOOL --remove",
  description:
    "Corrects a tool's category here, with a note on why; its risk and its policy follow. What the classifier said stays readable, and the correction outlives new scans until it is removed. One that lowers the category ends with the definition that it was made for.",
  options: {
    note: { type: "string", value: "TEXT", description: "why, for those who look later; at most 500 characters" },
    by: { type: "string", value: "NAME", description: "who says so, default the user of this machine" },
    remove: { type: "boolean", description: "take the correction back" },
    ...catalogueOption,
  },
  examples: [
    'callgate catalogue override camoufox-mcp take_screenshot Read --note "writes to a folder nobody reads"',
    "callgate catalogue override camoufox-mcp take_screenshot --remove",
  ],
  run: (args) => {
    const [server, tool, word] = args.positionals;
    if (server === undefined || tool === undefined)
      throw new UsageError(`name server, tool and category, one of ${categories.join(", ")}`);
    return withCatalogue(args, ({ store }) => {
      const slug = store.findServer(server)?.record.slug ?? server;
      if (args.flag("remove")) {
        const isDone = store.removeOverride(slug, tool);
        process.stdout.write(isDone ? "the correction is taken back\n" : "there was no correction\n");
        return isDone ? exitCodes.done : exitCodes.refused;
      }
      if (word === undefined) throw new UsageError(`name a category: ${categories.join(", ")}`);
      const note = args.text("note")?.trim() ?? "";
      if (note === "" || note.length > 500) throw new UsageError("say why with `--note`, in at most 500 characters");
      const category = readCategory(word);
      store.override(slug, tool, { category, note, by: args.text("by") ?? userInfo().username }, systemClock.wallMs());
      process.stdout.write(`${shown(tool)} of ${shown(slug)} counts as ${category} here\n`);
      return exitCodes.done;
    });
  },
};
