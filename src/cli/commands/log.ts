import { existsSync } from "node:fs";
import type { Row, RowQuery } from "../../audit/row.ts";
import { openStoreFile } from "../../compose/store-file.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatRow } from "../output/rows.ts";
import { readStorePlace, storeOptions } from "../store-argument.ts";
import { untilSignal } from "../until-signal.ts";

const followMs = 300;

/** `callgate log` */
export const logCommand: Command = {
  usage: "callgate log [OPTION ...]",
  description: "Shows what was decided, oldest first; with --follow also what is decided from now on.",
  options: {
    follow: { type: "boolean", short: "f", description: "go on showing new rows until Ctrl-C" },
    last: { type: "string", short: "n", value: "N", description: "how many of the last rows, default 50" },
    outcome: { type: "string", value: "WORD", description: "allow, deny or hold" },
    tool: { type: "string", value: "NAME", description: "calls of this tool" },
    grant: { type: "string", value: "ID", description: "calls of this grant" },
    server: { type: "string", value: "NAME", description: "calls to this server" },
    request: { type: "string", value: "ID", description: "everything recorded about one request" },
    ...storeOptions,
    json: { type: "boolean", description: "one row a line as JSON, nothing left out" },
  },
  examples: [
    "callgate log --follow",
    "callgate log --outcome deny --last 20",
    "callgate log --config callgate.yaml --json",
  ],
  run: async (args) => {
    const query = readQuery(args);
    const file = readStorePlace(args).storeFile;
    if (!existsSync(file)) {
      process.stderr.write(
        `nothing recorded yet: \`${file}\` does not exist; start \`callgate run\` or \`callgate serve\` first\n`,
      );
      return exitCodes.refused;
    }
    const isJson = args.flag("json");
    const store = await openStoreFile(file);
    try {
      const show = (rows: readonly Row[]): void => {
        for (const row of rows) {
          const line = isJson ? JSON.stringify(row) : formatRow(row);
          if (line !== undefined) process.stdout.write(`${line}\n`);
        }
      };
      // Asked first: what is recorded while the first rows are shown comes after them, and is not lost.
      const newest = (await store.query({ last: 1 })).at(-1)?.sequence ?? 0;
      const first = await store.query(query);
      show(first);
      if (!args.flag("follow")) return exitCodes.done;
      let after = Math.max(newest, first.at(-1)?.sequence ?? 0);
      const stopped = untilSignal().then(() => true);
      while (!(await Promise.race([stopped, pause()]))) {
        const rows = await store.query({ ...withoutLast(query), after });
        show(rows);
        after = rows.at(-1)?.sequence ?? after;
      }
      return exitCodes.done;
    } finally {
      await store.close();
    }
  },
};

function pause(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), followMs));
}

function readQuery(args: Arguments): RowQuery {
  const outcome = args.text("outcome");
  if (outcome !== undefined && outcome !== "allow" && outcome !== "deny" && outcome !== "hold") {
    throw new UsageError(`unknown outcome \`${outcome}\`: use allow, deny or hold`);
  }
  const last = Number(args.text("last") ?? 50);
  if (!Number.isInteger(last) || last < 1) throw new UsageError("`--last` takes a whole number from 1");
  const [tool, grant, server, requestId] = ["tool", "grant", "server", "request"].map((name) => args.text(name));
  return {
    last,
    ...(outcome === undefined ? {} : { outcome }),
    ...(tool === undefined ? {} : { tool }),
    ...(grant === undefined ? {} : { grant }),
    ...(server === undefined ? {} : { server }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

function withoutLast(query: RowQuery): RowQuery {
  const { last: _last, ...rest } = query;
  return rest;
}
