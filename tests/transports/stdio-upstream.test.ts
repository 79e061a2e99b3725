import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// In a process of its own, whose descriptors are few and used up.

const module = new URL("../../src/transports/stdio/upstream.ts", import.meta.url).href;
const program = `
  import { openSync } from "node:fs";
  const { createStdioUpstream } = await import(${JSON.stringify(module)});
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const options = { name: "s", command: "cat", args: [], env: {}, cwd: undefined, logger, messageBytesMax: 1000 };
  const upstream = createStdioUpstream({ ...options, onStderr: () => {} });
  for (let isFull = false; !isFull; ) try { openSync("/dev/null"); } catch { isFull = true; }
  const connection = upstream.connect({ onMessage() {}, onStreamEnd() {}, onEnd: (end) => console.log(end.code) });
  console.log(await connection.send({ text: "{}", kind: "request", era: "legacy", id: 1, headers: {} }));
  await connection.close();
`;

it.skipIf(process.platform === "win32")(
  "a server that there are no descriptors for is one that could not be started",
  async () => {
    const limited = ["-c", 'ulimit -n 64 && exec "$0" "$@"', process.execPath, "--input-type=module", "-e", program];
    const { stdout } = await promisify(execFile)("sh", limited);
    expect(stdout).toBe("UPSTREAM_START_FAILED\nnot_sent\n");
  },
);
