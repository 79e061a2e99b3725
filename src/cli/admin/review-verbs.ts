import type { ApiClient } from "../../admin-client/api-client.ts";
import {
  listUnreviewed,
  reviewTools,
  type SeenDefinitionView,
  type UnreviewedView,
  withdrawReview,
} from "../../api/contract/reviews.ts";
import { categories } from "../../policy/index.ts";
import { UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatFinding } from "../output/record.ts";
import { shown } from "../output/rows.ts";
import { formatTable } from "../output/table.ts";
import { type AdminVerb, word } from "./admin-verb.ts";

/** `callgate reviews ...` */
export const reviewVerbs: Readonly<Record<string, AdminVerb>> = {
  list: {
    takes: "SERVER",
    description:
      "Lists the tools of a server that wait for a review, what changed and what else was listed between (`returned`: the reviewed definition is listed again). Exit code 1 when there are any.",
    example: "callgate reviews list notes",
    run: async (client, args) => {
      const waiting = await readWaiting(client, word(args, 0));
      const rows = waiting.map(({ tool, state, category, signals }) => [tool, state, category, signals.join(", ")]);
      const lines = [...formatTable(["TOOL", "STATE", "CATEGORY", "SIGNALS"], rows), ...waiting.flatMap(toolLines)];
      return { value: waiting, lines, exitCode: waiting.length === 0 ? exitCodes.done : exitCodes.refused };
    },
  },
  accept: {
    takes: "SERVER [TOOL ...]",
    description:
      "Accepts the definitions of tools as they are listed now, with the category and signals that `list` shows; with --all of every tool. What was listed between is not accepted.",
    options: {
      all: { type: "boolean", description: "every tool that waits" },
      category: { type: "string", value: "WORD", description: `another category: ${categories.join(", ")}` },
      note: { type: "string", value: "TEXT", description: "why, for those who read the events" },
    },
    example: "callgate reviews accept notes get_note --note 'read by Ada'",
    run: async (client, args) => {
      const [server = "", ...tools] = args.positionals;
      if (args.flag("all") === tools.length > 0) throw new UsageError("name the tools, or write `--all`");
      const waiting = await readWaiting(client, server);
      const missing = tools.find((tool) => !waiting.some((one) => one.tool === tool));
      if (missing !== undefined) throw new UsageError(`no definition of \`${missing}\` waits: see \`reviews list\``);
      const category = readCategory(args.text("category"));
      const note = args.text("note");
      const accepted = waiting.filter(({ tool }) => args.flag("all") || tools.includes(tool));
      const reviews = accepted.map(({ tool, sha256 }) => ({
        tool,
        sha256,
        ...(category === undefined ? {} : { category }),
        ...(note === undefined ? {} : { note }),
      }));
      if (reviews.length > 0) await client.send(reviewTools, { params: { serverId: server }, body: { reviews } });
      const names = reviews.map(({ tool }) => tool);
      return { value: { server, accepted: names }, lines: accepted.map(acceptedLine) };
    },
  },
  withdraw: {
    takes: "SERVER TOOL",
    description: "Takes back every review of a tool: it is refused until it is reviewed again.",
    example: "callgate reviews withdraw notes get_note",
    run: async (client, args) => {
      const params = { serverId: word(args, 0), tool: word(args, 1) };
      await client.send(withdrawReview, { params });
      return { value: { withdrawn: params.tool }, lines: [`withdrew the reviews of ${params.tool}`] };
    },
  },
};

function readWaiting(client: ApiClient, serverId: string): Promise<readonly UnreviewedView[]> {
  return client.all(listUnreviewed, { params: { serverId } });
}

function acceptedLine({ tool, state, between }: UnreviewedView): string {
  const what = state === "returned" ? " as it was reviewed before" : "";
  return `accepted ${shown(tool)}${what}${between.length === 0 ? "" : `, not what was listed between (${between.length})`}`;
}

function toolLines(waiting: UnreviewedView): readonly string[] {
  const { tool, state, between } = waiting;
  const own = seenLines(tool, waiting);
  const others = between.flatMap((seen) => [
    `  was listed between, last at ${seen.lastSeenAt}:`,
    ...seenLines(tool, seen),
  ]);
  if (own.length + others.length === 0) return [];
  const back = state === "returned" ? " is listed as it was reviewed: accept that to let it be called again" : "";
  return ["", `${shown(tool)}${back}`, ...own, ...others];
}

function seenLines(tool: string, { changes, findings, definition }: SeenDefinitionView): readonly string[] {
  const flags = findings.map((finding) => `  ${formatFinding({ ...finding, subject: { kind: "tool", name: tool } })}`);
  const lines = changes.flatMap(({ path, kind, before, after }) =>
    kind === "more"
      ? [`  ${after}`]
      : [
          `  ${shown(path)}`,
          ...(before === null ? [] : [`  - ${before}`]),
          ...(after === null ? [] : [`  + ${after}`]),
        ],
  );
  const isKept = Object.keys(definition).length > 0;
  return [...flags, ...lines, ...(isKept ? [] : ["  too long to be kept: nobody can accept it"])];
}

function readCategory(text: string | undefined): (typeof categories)[number] | undefined {
  const found = categories.find((category) => category.toLowerCase() === text?.toLowerCase());
  if (text !== undefined && found === undefined) {
    throw new UsageError(`unknown category \`${text}\`: use ${categories.join(", ")}`);
  }
  return found;
}
