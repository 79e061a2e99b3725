import { visibility } from "../src/policy/index.ts";
import { filterToolList, readToolList } from "../src/protocol/tool-list.ts";
import { compile } from "./engines.ts";
import { measureCpu } from "./harness/cpu-rounds.ts";
import type { Effort } from "./harness/effort.ts";
import { microsEach, ratio } from "./harness/figures.ts";
import type { Report } from "./harness/report.ts";
import { medianRatio } from "./harness/statistics.ts";
import { plainTools, policyText, ruledTool } from "./workload.ts";

const listed = 1_000;
const allowed = 500;

/** The answer to `tools/list` of a server with 1,000 tools, filtered by a policy. */
export async function benchDefinitions(effort: Effort): Promise<Report> {
  const text = toolList();
  const policy = compile(policyText({ toolCount: allowed }));
  const isShown = (name: string): boolean =>
    visibility(policy, { name, isListed: true, isChanged: false, review: undefined, schema: undefined }) === "listed";
  const filtered = filterToolList(text, isShown, "modern");
  if (!filtered.ok || filtered.names.length !== allowed || filtered.removed !== listed - allowed) {
    throw new Error("the list was not filtered as the policy says");
  }
  const rates = measureCpu(
    [
      { name: "JSON.parse, filter, JSON.stringify", run: () => filterByParsing(text, isShown) },
      { name: "Callgate, half of the tools cut out", run: () => filterToolList(text, isShown, "modern") },
      { name: "Callgate, nothing cut out", run: () => filterToolList(text, () => true, "modern") },
      { name: "Callgate, read for the index of tools", run: () => readToolList(text) },
    ],
    effort,
  );
  const base = rates[0]?.perCpuSecond ?? [];
  return {
    name: "definitions",
    about:
      `CPU time for one \`tools/list\` answer of ${listed} tools (${(text.length / 1_000).toFixed(0)} KB). Callgate scans it strictly, ` +
      "asks the policy about each tool and cuts entries out by span, so that every other byte stays as the server sent it.",
    tables: [
      {
        caption: `A list of ${listed} tools, ${allowed} of them allowed`,
        head: ["", "each", "times the first"],
        rows: rates.map(({ name, median, perCpuSecond }, at) => [
          name,
          microsEach(median),
          at === 0 ? "1" : ratio(medianRatio(base, perCpuSecond)),
        ]),
      },
    ],
    notes: [
      "The first line changes numbers, key order and escapes of what it keeps, and reads ambiguous lists one way.",
    ],
  };
}

interface ListMessage {
  readonly result: { readonly tools: readonly { readonly name: string }[] };
}

function filterByParsing(text: string, isShown: (name: string) => boolean): string {
  const message: ListMessage = JSON.parse(text);
  const tools = message.result.tools.filter(({ name }) => isShown(name));
  return JSON.stringify({ ...message, result: { ...message.result, tools } });
}

function toolList(): string {
  const tools = [ruledTool, ...plainTools(listed)].map((name) => ({
    name,
    title: `The tool ${name}`,
    description: `Does what ${name} says. `.repeat(6),
    inputSchema: {
      type: "object",
      properties: {
        amount: { type: "number", description: "How much, in units of the account.", minimum: 0 },
        currency: { type: "string", enum: ["usd", "eur", "gbp"] },
        query: { type: "string", description: "What to look for.", maxLength: 2_000 },
      },
      required: ["amount", "currency"],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: false, openWorldHint: true },
  }));
  return JSON.stringify({ jsonrpc: "2.0", id: 1, result: { resultType: "complete", tools, ttlMs: 60_000 } });
}
