import { createLineReader } from "../src/protocol/framing.ts";
import { clientScanLimits, scanJson, type ScanLimits, serverScanLimits } from "../src/protocol/scan.ts";
import { measureCpu, type Rates } from "./harness/cpu-rounds.ts";
import type { Effort } from "./harness/effort.ts";
import { megabytes, microsEach, ratio } from "./harness/figures.ts";
import type { Report, Table } from "./harness/report.ts";
import { medianRatio } from "./harness/statistics.ts";

/** The strict scan of messages against `JSON.parse`, and the cutting of a stream into lines. */
export async function benchScan(effort: Effort): Promise<Report> {
  const client = { name: "a client's message", limits: clientScanLimits };
  const server = { name: "a server's message", limits: serverScanLimits };
  const tables = [
    scanTable("1 KB", message(1_000), [client, server], effort),
    scanTable("100 KB", message(100_000), [client, server], effort),
    scanTable("5 MB", message(5_000_000), [server], effort),
    framingTable(effort),
  ];
  return {
    name: "scan",
    about:
      "Bytes of messages read per second of CPU time. The scan reads what `JSON.parse` lets pass and two parsers could " +
      "read differently (duplicate keys, lone surrogates, numbers that a double does not hold), then parses. The base " +
      "line decodes the same bytes (UTF-8, fatal) and calls `JSON.parse`.",
    tables,
    notes: ["Messages are rows of records with text, numbers, nested lists and some text beyond ASCII."],
  };
}

interface Kind {
  readonly name: string;
  readonly limits: ScanLimits;
}

function scanTable(size: string, bytes: Uint8Array, kinds: readonly Kind[], effort: Effort): Table {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (const { name, limits } of kinds) {
    const scan = scanJson(bytes, limits);
    if (!scan.ok) throw new Error(`the scan refuses ${name}: ${scan.fault.message}`);
  }
  const rates = measureCpu(
    [
      { name: "decode and JSON.parse", run: () => JSON.parse(decoder.decode(bytes)) },
      ...kinds.map(({ name, limits }) => ({ name: `strict scan of ${name}`, run: () => scanJson(bytes, limits) })),
    ],
    effort,
  );
  return {
    caption: `${size} (${bytes.length} bytes)`,
    head: ["", "MB/CPU-s", "each", "times JSON.parse"],
    rows: rates.map((rate) => [
      rate.name,
      megabytes(rate.median * bytes.length),
      microsEach(rate.median),
      timesBase(rate, rates[0]),
    ]),
  };
}

/** How many times the CPU time of the base line. */
function timesBase(rate: Rates, base: Rates | undefined): string {
  return rate === base ? "1" : ratio(medianRatio(base?.perCpuSecond ?? [], rate.perCpuSecond));
}

/** A stream of lines of 1 KB that arrives in chunks of 64 KiB. */
function framingTable(effort: Effort): Table {
  const line = message(1_000);
  const stream = Buffer.concat(Array.from({ length: 1_000 }, () => [line, Buffer.from("\n")]).flat());
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += 65_536) chunks.push(stream.subarray(at, at + 65_536));
  if (countLines(chunks) !== 1_000 || countByJoining(chunks) !== 1_000) throw new Error("a line was lost");
  const rates = measureCpu(
    [
      { name: "join the rest with each chunk and search", run: () => countByJoining(chunks) },
      { name: "line reader", run: () => countLines(chunks) },
    ],
    effort,
  );
  return {
    caption: "Framing: lines of 1 KB in chunks of 64 KiB",
    head: ["", "MB/CPU-s", "each line", "times the base"],
    rows: rates.map((rate) => [
      rate.name,
      megabytes(rate.median * stream.length),
      microsEach(rate.median * 1_000),
      timesBase(rate, rates[0]),
    ]),
  };
}

function countLines(chunks: readonly Buffer[]): number {
  const reader = createLineReader(4 * 1024 * 1024);
  let count = 0;
  for (const chunk of chunks) count += reader.push(chunk).length;
  return count;
}

/** What most stdio clients and servers of MCP do. */
function countByJoining(chunks: readonly Buffer[]): number {
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  for (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      count += 1;
      rest = rest.subarray(end + 1);
    }
  }
  return count;
}

/** A JSON-RPC result of about that many bytes. */
function message(bytes: number): Uint8Array {
  const record = (index: number): unknown => ({
    id: index,
    name: `Größe ${index}`,
    price: index / 4,
    tags: ["new", "in stock"],
    owner: { mail: `user${index}@example.org`, isActive: index % 2 === 0, note: null },
    text: 'Lorem ipsum dolor sit amet, consectetur "adipiscing" elit.\nSed do eiusmod tempor.',
  });
  const each = JSON.stringify(record(100_000)).length + 1;
  const rows = Array.from({ length: Math.max(1, Math.round((bytes - 60) / each)) }, (_, index) => record(index));
  return Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { structuredContent: { rows } } }));
}
