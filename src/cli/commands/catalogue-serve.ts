import { lazyCatalogue } from "../../compose/catalogue.ts";
import { defaultCatalogueFile } from "../../config/home.ts";
import { systemClock } from "../../clock.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { untilSignal } from "../until-signal.ts";
import { catalogueOption } from "../with-catalogue.ts";

/** `callgate catalogue serve` */
export const catalogueServeCommand: Command = {
  usage: "callgate catalogue serve [--catalogue FILE]",
  description:
    "Serves the catalogue as an MCP server on standard streams, for agents and clients: check_mcp_server, search_registry, check_tool, check_mcp_stack, get_change_events. Reads only, offline.",
  options: { ...catalogueOption },
  examples: ["callgate catalogue serve"],
  run: async (args) => {
    const [{ serveStdio }, { createCatalogueServer }] = await Promise.all([
      import("@modelcontextprotocol/server/stdio"),
      import("../../catalogue-store/mcp-server.ts"),
    ]);
    const catalogue = lazyCatalogue(args.text("catalogue") ?? defaultCatalogueFile());
    const over = Promise.race([untilSignal(), new Promise((resolve) => process.stdin.once("end", resolve))]);
    const handle = serveStdio(() => createCatalogueServer({ catalogue: catalogue.parts, clock: systemClock }));
    await over;
    await handle.close();
    catalogue.close();
    return exitCodes.done;
  },
};
