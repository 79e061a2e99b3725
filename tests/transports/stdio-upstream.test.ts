import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { createStdioUpstream } from "../../src/transports/stdio/upstream.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";

afterEach(closeAll);

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

/** Ends a server that is the given program, and tells what it wrote into `file` until then. */
async function endOf(code: string): Promise<string> {
  const file = join(makeFolder(), "end.txt");
  writeFileSync(file, "");
  const [started, nothing] = [join(makeFolder(), "started"), (): void => {}];
  const upstream = createStdioUpstream({
    name: "s",
    command: process.execPath,
    args: ["-e", code],
    env: { FILE: file, STARTED: started },
    cwd: undefined,
    logger: createLogger("silent"),
    messageBytesMax: 1_000,
    onStderr: nothing,
  });
  const connection = upstream.connect({ onMessage: nothing, onStreamEnd: nothing, onEnd: nothing });
  await connection.send({ text: "{}", kind: "request", era: "legacy", id: 1, headers: {} });
  await until("the server to be there", () => existsSync(started) || undefined);
  await connection.close();
  return readFileSync(file, "utf8");
}

const setUp = 'const { appendFileSync, writeFileSync } = require("node:fs"); const { FILE, STARTED } = process.env;';

describe.skipIf(process.platform === "win32")("a server that is ended", () => {
  it("is told by the end of its input first, and may go by itself", async () => {
    const said = await endOf(`${setUp}
      process.on("SIGTERM", () => appendFileSync(FILE, "told "));
      process.stdin.on("end", () => { appendFileSync(FILE, "input over"); process.exit(); }).resume();
      writeFileSync(STARTED, "");`);
    expect(said).toBe("input over");
  });

  it("is told by SIGTERM when the end of its input does not do it", async () => {
    const said = await endOf(`${setUp}
      process.on("SIGTERM", () => { appendFileSync(FILE, "told"); process.exit(); });
      setInterval(() => {}, 1_000);
      writeFileSync(STARTED, "");`);
    expect(said).toBe("told");
  });

  it("leaves what it started the time to end, too", async () => {
    const inner = `${setUp}
      process.on("SIGTERM", () => setTimeout(() => { appendFileSync(FILE, "told"); process.exit(); }, 100));
      setInterval(() => {}, 1_000);
      writeFileSync(STARTED, "");`;
    const said = await endOf(`require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}]);
      process.stdin.on("end", () => process.exit()).resume();`);
    expect(said).toBe("told");
  });
});
