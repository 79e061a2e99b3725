// Measures the classifier against labels: `measure-classifier.ts --servers DIR --labels FILE [--only A,B] [--set N] [--errors] [--unseen]`.
// `--unseen` leaves each server out of the vocabulary: words that only its own tools use are made meaningless. The rules
// are written, not trained, so this is what leaving a server out can mean for them.
// DIR holds `<server>.json` files with a list `tools`; FILE holds
// `{ "items": [{ server, tool, category, acceptable?, signals? }] }`, as `scripts/labels.json` does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { classifyTool } from "../src/catalogue/classify/classify-tool.ts";
import { wordsOf } from "../src/catalogue/classify/read-definition.ts";
import { categories, type Signal, signals } from "../src/policy/index.ts";

const category = z.enum(categories);
const labelsShape = z.object({
  items: z.array(
    z.object({
      server: z.string(),
      tool: z.string(),
      category,
      acceptable: z.array(category).default([]),
      signals: z.array(z.enum(signals)).optional(),
      set: z.int().optional(),
    }),
  ),
});
const serverShape = z.object({ tools: z.array(z.looseObject({ name: z.string() })) });
const toolShape = z.object({
  name: z.string(),
  description: z.json().optional(),
  inputSchema: z.json().optional(),
  annotations: z.json().optional(),
});

const { values } = parseArgs({
  options: {
    servers: { type: "string" },
    labels: { type: "string" },
    only: { type: "string" },
    set: { type: "string" },
    errors: { type: "boolean", default: false },
    unseen: { type: "boolean", default: false },
  },
});
if (values.servers === undefined || values.labels === undefined)
  throw new Error("give --servers DIR and --labels FILE");
const folder = values.servers;
const only = values.only?.split(",");

const { items: labelled } = labelsShape.parse(JSON.parse(readFileSync(values.labels, "utf8")));
const items = labelled.filter(({ set }) => values.set === undefined || String(set) === values.set);

/** The definition with every word of its name, and the description's first, that no other server's tool names use made meaningless. */
function withoutOwnWords(tool: z.infer<typeof toolShape>, server: string): z.infer<typeof toolShape> {
  const seen = new Set(items.filter((item) => item.server !== server).flatMap((item) => wordsOf(item.tool)));
  const name = wordsOf(tool.name)
    .map((word) => (seen.has(word) ? word : "unseen"))
    .join("_");
  const text = typeof tool.description === "string" ? tool.description : "";
  const first = /^\W*(\p{L}+)/u.exec(text)?.[1]?.toLowerCase() ?? "";
  const isSeen = [first, first.replace(/e?s$/u, ""), first.replace(/s$/u, "")].some((word) => seen.has(word));
  return { ...tool, name, description: isSeen ? text : text.replace(/\p{L}+/u, "unseen") };
}

const rows = items
  .filter(({ server }) => only?.includes(server) ?? true)
  .map((item) => {
    const list = serverShape.parse(JSON.parse(readFileSync(join(folder, `${item.server}.json`), "utf8")));
    const tool = list.tools.find(({ name }) => name === item.tool);
    if (tool === undefined) throw new Error(`${item.server} has no tool ${item.tool}`);
    const definition = toolShape.parse(tool);
    const said = classifyTool(values.unseen ? withoutOwnWords(definition, item.server) : definition);
    return { ...item, said, agrees: said.category === item.category || item.acceptable.includes(said.category) };
  });
type Row = (typeof rows)[number];

function share(part: readonly Row[], test: (row: Row) => boolean): string {
  const hits = part.filter((row) => test(row)).length;
  return part.length === 0 ? "none" : `${((100 * hits) / part.length).toFixed(1)} % (${hits} of ${part.length})`;
}

/** How often a signal is right where it is given, and given where it is right. */
function signalLine(signal: Signal): string {
  const judged = rows.filter((row) => row.signals !== undefined);
  const given = judged.filter(({ said }) => said.signals.includes(signal));
  const right = judged.filter((row) => row.signals?.includes(signal));
  const isBoth = (row: Row): boolean => row.said.signals.includes(signal) && row.signals?.includes(signal) === true;
  return `signal ${signal.padEnd(24)} precision ${share(given, isBoth)}, recall ${share(right, isBoth)}`;
}

const isStrict = (row: Row): boolean => row.said.category === row.category;
const isAgreed = (row: Row): boolean => row.agrees;
const dangerous = rows.filter((row) => row.category !== "Read" && row.category !== "Write");
const f1 = categories.map((name) => {
  const hits = rows.filter((row) => row.category === name && isStrict(row)).length;
  const all =
    rows.filter((row) => row.category === name).length + rows.filter((row) => row.said.category === name).length;
  return all === 0 ? 1 : (2 * hits) / all;
});

const lines = [
  `strict   ${share(rows, isStrict)}`,
  `agreeing ${share(rows, isAgreed)}`,
  `macro F1 ${(f1.reduce((sum, value) => sum + value, 0) / f1.length).toFixed(3)} (strict)`,
  `dangerous called Read          ${share(dangerous, (row) => row.said.category === "Read")}`,
  `dangerous called Read or Write ${share(dangerous, (row) => row.said.category === "Read" || row.said.category === "Write")}`,
  ...categories.map(
    (name) =>
      `recall ${name.padEnd(12)} ${share(
        rows.filter((row) => row.category === name),
        isStrict,
      )}`,
  ),
  "",
  `label \\ said  ${categories.map((name) => name.padStart(12)).join("")}`,
  ...categories.map((label) => {
    const cells = categories.map((said) => rows.filter((row) => row.category === label && row.said.category === said));
    return `${label.padEnd(14)}${cells.map((cell) => String(cell.length).padStart(12)).join("")}`;
  }),
  "",
  ...[...new Set(rows.map(({ server }) => server))].map((server) => {
    const part = rows.filter((row) => row.server === server);
    return `${server.padEnd(24)} strict ${share(part, isStrict)}, agreeing ${share(part, isAgreed)}`;
  }),
];
for (const signal of signals) lines.push(signalLine(signal));
if (values.errors)
  for (const row of rows.filter((candidate) => !candidate.agrees))
    lines.push(`${row.server} ${row.tool}: ${row.category}, said ${row.said.reason}`);
process.stdout.write(`${lines.join("\n")}\n`);
