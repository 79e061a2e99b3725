import pc from "picocolors";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { shown } from "../output/rows.ts";
import { catalogueOption, withCatalogue } from "../with-catalogue.ts";

/** `callgate catalogue queue` */
export const catalogueQueueCommand: Command = {
  usage: "callgate catalogue queue [--json]",
  description:
    "Lists servers that somebody asked for (here, in `stack`, `precheck` or its hook, over HTTP or MCP) and that nothing is known of, the longest waiting first. A scan or an import that makes one known takes it off.",
  options: { json: { type: "boolean", description: "print as JSON" }, ...catalogueOption },
  examples: ["callgate catalogue queue"],
  run: (args) =>
    withCatalogue(args, ({ store }) => {
      const items = store.queued();
      const lines = items.map(
        ({ name, times, firstAskedAt }) =>
          `${pc.bold(shown(name))} asked for ${times === 1 ? "once" : `${times} times, first`} on ${firstAskedAt.slice(0, 10)}\n`,
      );
      process.stdout.write(args.flag("json") ? `${formatJson({ items })}\n` : lines.join(""));
      return exitCodes.done;
    }),
};
