import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";

// `callgate snippets`: what it prints is put where it says, and read back by `callgate stack`.

let home = "";
beforeEach(() => {
  home = makeFolder();
});
afterEach(closeAll);

async function callgate(...args: string[]) {
  const running = startCallgate(args, home);
  let out = "";
  running.child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const { code } = await running.exit;
  return { code, out, err: running.stderr() };
}

const files: Readonly<Record<string, string>> = {
  "claude-code": ".mcp.json",
  "claude-desktop": ".config/Claude/claude_desktop_config.json",
  cursor: ".cursor/mcp.json",
  "vs-code": ".vscode/mcp.json",
  "gemini-cli": ".gemini/settings.json",
  codex: ".codex/config.toml",
};

/** Puts every snippet into its client's file and lists what the clients then have. */
async function pasted(...args: string[]) {
  const { code, out } = await callgate("snippets", "--json", ...args);
  expect(code).toBe(0);
  const { snippets } = JSON.parse(out);
  expect(snippets).toHaveLength(6);
  for (const { client, text } of snippets) {
    const file = join(home, files[client] ?? client);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const stack = await callgate("stack", "--json", "--project", home);
  const seen = new Map<string, Record<string, unknown>>();
  // The project is the home here, so that some files are found twice.
  for (const row of JSON.parse(stack.out).servers) seen.set(row.client, row);
  return seen;
}

describe("callgate snippets", () => {
  it("[R163] prints for six clients what leads them to a server of a gateway", async () => {
    const seen = await pasted("http://127.0.0.1:7777/mcp/files");
    expect([...seen.keys()].toSorted()).toEqual(Object.keys(files).toSorted());
    for (const [client, row] of seen) {
      expect(row, client).toMatchObject({ name: "files", remote: "http://127.0.0.1:7777/mcp/files", disabled: false });
      expect(row, client).toMatchObject({ transport: "streamable-http" });
    }
    expect(seen.get("codex")).toMatchObject({ environment: ["CALLGATE_TOKEN"] });
    expect(seen.get("claude-desktop")).toMatchObject({ behindCallgate: true });
  });

  it("[R163] prints for six clients what puts callgate before a server's command", async () => {
    const command = ["npx", "-y", "odd'\"\\mcp", "--say", "a b"];
    const plain = await pasted(
      "-p",
      "policy.json",
      "--name",
      "my files",
      "--env",
      "KEY",
      "--",
      "npx",
      "-y",
      "files-mcp@1.0.0",
    );
    for (const [client, row] of plain) {
      expect(row, client).toMatchObject({ name: "my files", behindCallgate: true, transport: "stdio" });
      expect(row, client).toMatchObject({ package: { name: "files-mcp", version: "1.0.0" } });
    }
    expect(plain.size).toBe(6);
    const odd = await pasted("-p", "policy.json", "--name", "odd", "--", ...command);
    expect(odd.size).toBe(6);
    for (const [client, row] of odd) expect(row, client).toMatchObject({ behindCallgate: true });
  });

  it("prints for people, one client alone, and no token", async () => {
    const { out } = await callgate("snippets", "http://127.0.0.1:7777/mcp/files", "--client", "claude-code");
    expect(out).toContain("Claude Code, .mcp.json of the project:");
    expect(out).toContain('"Authorization": "Bearer ${CALLGATE_TOKEN}"');
    expect(out).not.toContain("Codex");
    expect(await callgate("snippets", "http://a.example/mcp", "--client", "emacs")).toMatchObject({
      code: 2,
      err: expect.stringContaining("unknown client `emacs`"),
    });
    expect(await callgate("snippets", "--", "npx", "x")).toMatchObject({ code: 2 });
  });
});
