import pc from "picocolors";
import type { CatalogueQuery, ServerHit, ToolHit } from "../../catalogue-store/catalogue-store.ts";
import { categories } from "../../policy/index.ts";
import type { Arguments, Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { shown } from "../output/rows.ts";
import { catalogueOption, readCategory, readCount, readRisk, withCatalogue } from "../with-catalogue.ts";

/** `callgate catalogue search` */
export const catalogueSearchCommand: Command = {
  usage: "callgate catalogue search [WORD ...] [--tools] [OPTION ...]",
  description:
    "Searches servers, or with --tools their tools, by any part of a name, package or repository, offline. Words may come in any order; each must be there.",
  options: {
    tools: { type: "boolean", description: "search tools instead of servers" },
    category: { type: "string", value: "WORD", description: `with such tools: ${categories.join(", ")}` },
    risk: { type: "string", value: "WORD", description: "with such tools: Low, Medium, High, Critical" },
    limit: { type: "string", short: "n", value: "N", description: "at most so many, default 20, at most 200" },
    cursor: { type: "string", value: "TEXT", description: "go on where the page before ended" },
    json: { type: "boolean", description: "print as JSON" },
    ...catalogueOption,
  },
  examples: ["callgate catalogue search github", "callgate catalogue search --tools delete --risk critical"],
  run: (args) =>
    withCatalogue(args, ({ store }) => {
      const query = readQuery(args);
      const page = args.flag("tools") ? store.searchTools(query) : store.searchServers(query);
      if (args.flag("json")) process.stdout.write(`${formatJson(page)}\n`);
      else {
        const lines = page.items.map((item) => ("packages" in item ? serverLine(item) : toolLine(item)));
        const more = page.nextCursor === undefined ? [] : [pc.dim(`more with --cursor ${page.nextCursor}`)];
        process.stdout.write([...lines, ...more, ""].join("\n"));
      }
      return page.items.length === 0 ? exitCodes.refused : exitCodes.done;
    }),
};

function readQuery(args: Arguments): CatalogueQuery {
  const [category, risk, cursor] = [args.text("category"), args.text("risk"), args.text("cursor")];
  return {
    text: args.positionals.join(" "),
    limit: readCount(args, "limit", 20, 200),
    ...(category === undefined ? {} : { category: readCategory(category) }),
    ...(risk === undefined ? {} : { risk: readRisk(risk) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function serverLine({ slug, packages, identity, grade, tools, counts }: ServerHit): string {
  const changing = tools - counts.Read;
  const known =
    grade === undefined ? "tools not seen yet" : `grade ${grade}, ${tools} tools, ${changing} can change something`;
  return `${pc.bold(shown(slug))} ${shown(packages[0]?.name ?? "")} ${known}, publisher ${identity}`;
}

function toolLine({ server, name, category, risk }: ToolHit): string {
  return `${risk.padEnd(8)} ${category.padEnd(11)} ${pc.bold(shown(name))} of ${shown(server)}`;
}
