import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const start = fileURLToPath(new URL("../../examples/postgres/start.ts", import.meta.url));

/** The example's exit code when PostgreSQL cannot be had. */
const noPostgres = 4;

const text = expect.stringContaining("");
const denied = { isError: true, text: expect.stringMatching(/^\[POLICY DENIED\] \S/) };
const customers = { isError: false, text: expect.stringMatching(/"Ada"[^]*"Lin"/) };

test("a policy keeps the agent of a read-only database server from dropping its table", async ({ skip }) => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", start, "--json"]);
  let output = "";
  let progress = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (progress += chunk.toString()));
  await once(child, "close");
  if (child.exitCode === noPostgres) {
    process.stderr.write(`SKIPPED, nothing is proved about PostgreSQL: ${progress}\n`);
    skip(progress);
  }
  expect(child.exitCode, `${output}\n${progress}`).toBe(0);
  expect(JSON.parse(output)).toMatchObject({
    // Two texts and a file's length come back, and the statement that is answered with an error was carried out.
    direct: {
      rows: "gone",
      answers: [
        customers,
        { isError: true, text: expect.stringContaining("read-only transaction") },
        { isError: true, text },
        { isError: false, text: expect.stringContaining('"length"') },
        { isError: false, text: expect.stringContaining('"length"') },
        { isError: true, text },
      ],
    },
    through: { rows: "2", answers: [customers, denied, denied, denied, denied, denied] },
    isStopped: true,
  });
});
