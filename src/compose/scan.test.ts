import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { composeScan, type ScanTarget } from "./scan.ts";

const hostile = fileURLToPath(new URL("../../tests/servers/hostile-lists.ts", import.meta.url));
const server = {
  kind: "command",
  command: process.execPath,
  args: [hostile, "plain"],
  env: {},
  cwd: undefined,
} as const;

/** A server whose arguments can be read once, to start it: what is made of its lists afterwards fails. */
function readableOnce(): ScanTarget["access"] {
  let reads = 0;
  return {
    ...server,
    get args() {
      reads += 1;
      if (reads > 1) throw new RangeError("too much of it");
      return server.args;
    },
  };
}

it("reports the other servers when the record of one cannot be made", async () => {
  const targets = [
    { name: "bad", access: readableOnce() },
    { name: "good", access: server },
  ];
  const options = { timeoutMs: 60_000, allowPrivate: true, signal: new AbortController().signal };
  const scanned = await composeScan(targets, options, createLogger("silent"), { onServerStderr: () => {} });
  expect(scanned).toMatchObject([
    { name: "bad", status: "failed", code: "INTERNAL", message: expect.stringContaining("too much of it") },
    { name: "good", status: "scanned" },
  ]);
});
