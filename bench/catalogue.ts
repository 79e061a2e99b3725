import { createHash } from "node:crypto";
import { join } from "node:path";
import { buildRecord } from "../src/catalogue/build-record.ts";
import type { ToolDefinition } from "../src/catalogue/record.ts";
import type { CatalogueEntry, CatalogueQuery } from "../src/catalogue-store/catalogue-store.ts";
import { openCatalogue } from "../src/catalogue-store/open-catalogue.ts";
import { loadSnapshot } from "../src/catalogue-store/snapshot.ts";
import { similarServers } from "../src/catalogue-store/similar-servers.ts";
import { openSqliteCatalogue, type SqliteCatalogue } from "../src/catalogue-store/sqlite-catalogue.ts";
import type { Effort } from "./harness/effort.ts";
import { ms, ratio } from "./harness/figures.ts";
import { makeScratch } from "./harness/paths.ts";
import type { Report } from "./harness/report.ts";
import { percentile } from "./harness/statistics.ts";

const serversInAll = 12_500;
const toolsEach = 40;

/** What spec and users ask of one search, milliseconds. */
const goalMs = 20;

const verbs = "get list read search create update delete send run execute find add remove set export pay".split(" ");
const nouns = "issue note mail file page user invoice session branch ticket query row table event order card".split(
  " ",
);

/** Searches of the catalogue's own file among half a million generated tools. */
export async function benchCatalogue(effort: Effort): Promise<Report> {
  const store = openSqliteCatalogue(join(makeScratch(), "catalogue.sqlite"));
  const startedMs = performance.now();
  const servers = effort.rounds > 3 ? serversInAll : serversInAll / 25;
  for (let from = 0; from < servers; from += 500) {
    store.put(
      Array.from({ length: Math.min(500, servers - from) }, (_, index) => generate(from + index)),
      0,
    );
  }
  const builtMs = performance.now() - startedMs;
  const rows = subjects.map(({ name, run }) => {
    const spent: number[] = [];
    for (let turn = 0; turn < effort.rounds * 40; turn += 1) {
      const beganMs = performance.now();
      run(store, turn);
      spent.push(performance.now() - beganMs);
    }
    return [name, ms(percentile(spent, 0.5)), ms(percentile(spent, 0.95)), ratio(goalMs / percentile(spent, 0.95))];
  });
  const { tools } = store.counts();
  const opened = timeOpening(effort);
  store.close();
  return {
    name: "catalogue",
    about: `Time of one search, first page of 50, among ${tools} generated tools of ${servers} servers in one SQLite file. The goal is ${goalMs} ms at the 95th percentile; the last column says how many times a search fits into that.`,
    tables: [
      { caption: "The bundled facts", head: ["", "p50", "p95"], rows: opened },
      { caption: "Searches", head: ["search", "p50", "p95", `${goalMs} ms / p95`], rows },
    ],
    notes: [`The file was written in ${Math.round(builtMs / 1_000)} s.`],
  };
}

/** Reading the facts that come along, and opening a file with them. */
function timeOpening(effort: Effort): readonly string[][] {
  const folder = makeScratch();
  const spend = (run: (turn: number) => void): string[] => {
    const spent = Array.from({ length: effort.rounds }, (_, turn) => {
      const beganMs = performance.now();
      run(turn);
      return performance.now() - beganMs;
    });
    return [ms(percentile(spent, 0.5)), ms(percentile(spent, 0.95))];
  };
  const open = (name: string) => openCatalogue(join(folder, `${name}.sqlite`), 0).close();
  return [
    ["read the snapshot", ...spend(() => loadSnapshot())],
    ["open a catalogue that is new: read it and write it into the file", ...spend((turn) => open(`new-${turn}`))],
    ["open a catalogue that has it", ...spend(() => open("new-0"))],
  ];
}

const wordAt = (words: readonly string[], turn: number): string => words[turn % words.length] ?? "";
const inTools =
  (query: (turn: number) => Partial<CatalogueQuery>) =>
  (store: SqliteCatalogue, turn: number): unknown =>
    store.searchTools({ limit: 50, ...query(turn) });
const inServers =
  (query: (turn: number) => Partial<CatalogueQuery>) =>
  (store: SqliteCatalogue, turn: number): unknown =>
    store.searchServers({ limit: 50, ...query(turn) });

const subjects: readonly { readonly name: string; readonly run: (store: SqliteCatalogue, turn: number) => unknown }[] =
  [
    { name: "tools: a verb", run: inTools((turn) => ({ text: wordAt(verbs, turn) })) },
    { name: "tools: a noun, inside of names", run: inTools((turn) => ({ text: wordAt(nouns, turn) })) },
    {
      name: "tools: two words",
      run: inTools((turn) => ({ text: `${wordAt(nouns, turn)} ${wordAt(verbs, turn >> 4)}` })),
    },
    { name: "tools: a number, inside of names", run: inTools((turn) => ({ text: `${turn % 900}7` })) },
    { name: "tools: two letters", run: inTools((turn) => ({ text: wordAt(verbs, turn).slice(0, 2) })) },
    { name: "tools: found nowhere", run: inTools((turn) => ({ text: `qqzzx${turn}` })) },
    {
      name: "tools: a noun, Financial only",
      run: inTools((turn) => ({ text: wordAt(nouns, turn), category: "Financial" })),
    },
    { name: "tools: a verb, Critical only", run: inTools((turn) => ({ text: wordAt(verbs, turn), risk: "Critical" })) },
    { name: "tools: all of a category", run: inTools(() => ({ category: "Destructive" })) },
    { name: "tools: a server's name", run: inTools((turn) => ({ text: `server-${turn * 31}` })) },
    { name: "servers: part of a package", run: inServers((turn) => ({ text: `server-${turn}` })) },
    { name: "servers: part of all", run: inServers(() => ({ text: "server" })) },
    { name: "servers: two letters", run: inServers((turn) => ({ text: String(10 + (turn % 90)) })) },
    {
      name: "servers: similar to one, two dozen searches",
      run: (store, turn) => {
        const found = store.server(`owner-${turn % 700}-server-${turn}`);
        return found && similarServers(store, found.record);
      },
    },
    { name: "servers: Financial only", run: inServers(() => ({ category: "Financial" })) },
  ];

function generate(index: number): CatalogueEntry {
  const tools = Array.from({ length: toolsEach }, (_, position): ToolDefinition => {
    const pick = (index * 31 + position * 17) >>> 0;
    return {
      name: `${verbs[pick % verbs.length]}_${nouns[(pick >> 4) % nouns.length]}_${position}_${index % 997}`,
      inputSchema: { type: "object", properties: { id: { type: "string" } } },
    };
  });
  const record = buildRecord(
    {
      name: `server-${index}`,
      packages: [{ registry: "npm", name: `@owner-${index % 700}/server-${index}`, version: "1.0.0" }],
      remotes: [],
      transport: ["stdio"],
      identity: { level: "community", evidence: [] },
      auth: "unknown",
      source: "package",
      scannedAt: "2026-11-26T12:00:00.000Z",
    },
    { about: undefined, tools, prompts: [], resources: [] },
    { digest: (text) => createHash("sha256").update(text).digest("hex") },
  );
  return { record, origin: "local", isExamined: true };
}
