import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { text as readAll } from "node:stream/consumers";
import { afterAll, expect, it } from "vitest";
import { password, setUp } from "../kit/browser-session.ts";
import { openHttpModern } from "../kit/clients.ts";
import { startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { startHttpEcho } from "../servers/http-echo.ts";

afterAll(closeAll);

const guide = readFileSync(new URL("../../docs/guides/administration.md", import.meta.url), "utf8");
const callgate = fileURLToPath(new URL("../kit/callgate.ts", import.meta.url));

/** The texts of the guide's blocks of one kind. */
function blocks(kind: string): readonly string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);
}

/** Runs one line as a person's shell does. */
async function shell(line: string, folder: string): Promise<{ readonly code: number | null; readonly out: string }> {
  const callgateFunction = `callgate() { ${JSON.stringify(process.execPath)} ${JSON.stringify(callgate)} "$@"; }`;
  const child = spawn("bash", ["-c", `${callgateFunction}\n${line}`], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, CALLGATE_HOME: folder, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([readAll(child.stdout), readAll(child.stderr), once(child, "close")]);
  return { code: child.exitCode, out: out + err };
}

// The guide's own lines, in its order, on a real gateway with a real server behind it.
it.skipIf(process.platform === "win32")("the guide to administration works as it is written", async () => {
  const notes = await startHttpEcho();
  const gateway = await startServe({
    servers: {},
    policies: {},
    grants: {},
    settings: { allow: { private_addresses: true } },
  });
  await setUp(gateway);
  const { folder } = gateway;
  writeFileSync(join(folder, "password.txt"), `${password}\n`);
  writeFileSync(join(folder, "notes-key.txt"), "a-key-for-the-notes\n");
  const [policy = ""] = blocks("json");
  writeFileSync(join(folder, "careful.json"), policy.replaceAll("get_note", "safe"));

  const shown = new Map<string, string>();
  let id = "";
  for (const line of blocks("sh").flatMap((block) => block.trim().split("\n"))) {
    const here = line
      .replaceAll("http://127.0.0.1:4001/mcp", notes.url)
      .replaceAll("http://127.0.0.1:7777", gateway.origin)
      .replaceAll("k3v9x2m4q8z1", id);
    const { code, out } = await shell(here, folder);
    expect({ line, code, out }).toEqual({ line, code: 0, out });
    shown.set(line, out);
    // The id of what was made last is what the lines after it mean.
    if (/ (mint|invite) /.test(line) && id === "") id = /^id +(\S+)$/m.exec(out)?.[1] ?? "";
    if (line.includes("grants effective")) {
      const token = /^token +(\S+)$/m.exec([...shown.values()].join("\n"))?.[1] ?? "";
      const client = openHttpModern(`${gateway.origin}/mcp/notes`, token);
      expect((await client.call("safe")).isError).toBe(false);
      expect((await client.call("evil")).isError).toBe(true);
    }
    if (line.includes("members invite")) shown.set("invitation", /^id +(\S+)$/m.exec(out)?.[1] ?? "");
    if (line.includes("servers disable")) id = shown.get("invitation") ?? "";
  }
  const outputOf = (part: string): string => [...shown].find(([line]) => line.includes(part))?.[1] ?? "";
  expect(notes.seen.some(({ headers }) => headers["x-api-key"] === "a-key-for-the-notes")).toBe(true);
  expect(outputOf("counters list")).toMatch(/reads +grant \S+ +.*minute +1 +30/);
  expect(outputOf("grants effective")).toMatch(/notes +careful +safe +callable/);
  expect(outputOf("apply -f deploy")).toContain("0 to add, 0 to change, 0 to remove");
  expect(outputOf("events changes")).toContain("grant.create");
  expect(outputOf("grants revoke")).toContain("1 grants of alice@example.com revoked");
  expect(outputOf("callgate logout")).toContain("the token is revoked");
});
