import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const start = fileURLToPath(new URL("../../examples/camoufox/start.ts", import.meta.url));
const minutes = 60_000;

// The browser is pinned, so that the result does not hang on whether a download host answers today.
const flags = ["--once", "--json", "--port", "0", "--browser", "chromium"];

it(
  "[R77] forwards 30 of 31 calls of save_session through the published policy, and denies the last with its rule",
  { timeout: 5 * minutes },
  async () => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", start, ...flags]);
    let output = "";
    let progress = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (progress += chunk.toString()));
    const ended: unknown[] = await once(child, "close");
    expect(ended, `${output}\n${progress}`).toEqual([0, null]);
    expect(JSON.parse(output)).toEqual({
      browser: "chromium",
      upstreamTools: 42,
      visibleTools: 1,
      forwarded: 30,
      filesWritten: 30,
      denied: 1,
      denial: expect.stringMatching(/^\[POLICY DENIED\] \S/),
      rule: "/tools/save_session/limits/0",
      faults: [],
      isAsExpected: true,
    });
  },
);
