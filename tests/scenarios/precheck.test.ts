import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { echoServer } from "../kit/spy.ts";

// `callgate precheck` after real scans of real servers.

let home = "";
let project = "";
beforeEach(() => {
  home = makeFolder();
  project = join(home, "project");
  mkdirSync(project);
});
afterEach(closeAll);

const told = fileURLToPath(new URL("../servers/told-lists.ts", import.meta.url));
const hostile = fileURLToPath(new URL("../servers/hostile-lists.ts", import.meta.url));

async function callgate(...args: string[]) {
  const running = startCallgate(args, home);
  let out = "";
  running.child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const { code } = await running.exit;
  return { code, out, err: running.stderr() };
}

async function precheckJson(...args: string[]) {
  const { code, out } = await callgate("precheck", "--json", "--project", project, ...args);
  expect(code).toBe(0);
  return JSON.parse(out);
}

function configure(servers: object): void {
  writeFileSync(join(project, ".mcp.json"), JSON.stringify({ mcpServers: servers }));
}

const entry = (file: string, ...args: string[]) => ({ command: process.execPath, args: [file, ...args] });

describe("callgate precheck", () => {
  it("[R155] prints report, verdict and rules, for people and as JSON", async () => {
    configure({ "my notes": entry(echoServer) });
    await callgate("scan", "--config", join(project, ".mcp.json"));
    const { verdict, report, rules, reasons } = await precheckJson("--rules", "my notes");
    expect(verdict).toBe("connect-with-rule");
    expect(reasons).toContain("the publisher is not verified, and 2 tools destroy or spend");
    expect(report).toMatchObject({
      slug: expect.stringMatching(/^my-notes-[0-9a-f]{8}$/),
      grade: { letter: "B" },
      identity: { level: "unknown" },
    });
    expect(rules).toEqual({
      claudeCode: {
        permissions: {
          deny: ["mcp__my_notes__refund", "mcp__my_notes__delete_repo"],
          ask: ["mcp__my_notes__send"],
        },
      },
      codex: { disabled_tools: ["refund", "delete_repo"] },
    });
    const { out, code } = await callgate("precheck", "--rules", "--project", project, "my notes");
    expect(code).toBe(0);
    expect(out).toMatch(/^my notes: connect-with-rule\n/);
    expect(out).toContain("grade B; 9 tools (");
    expect(out).toContain('[mcp_servers."my notes"]\ndisabled_tools = ["refund","delete_repo"]');
  });

  it("says proceed, ask-first and unknown where it is so", async () => {
    configure({ plain: entry(hostile, "plain"), tags: entry(hostile, "tags") });
    await callgate("scan", "--config", join(project, ".mcp.json"));
    expect((await precheckJson("plain")).verdict).toBe("proceed");
    expect((await precheckJson("tags")).verdict).toBe("ask-first");
    expect(await precheckJson("nobody-knows")).toMatchObject({
      verdict: "unknown",
      report: null,
      rules: null,
      since: null,
      reasons: ["nothing is known of this server, which is neither good nor bad"],
    });
    const { out } = await callgate("precheck", "--project", project, "nobody-knows");
    expect(out).not.toMatch(/grade|safe/i);
  });

  it("knows servers from the facts that come along, by package, and what was corrected in the catalogue", async () => {
    configure({ browser: { command: "npx", args: ["-y", "camoufox-mcp@1.0.0"] } });
    const { verdict, report, rules } = await precheckJson("browser");
    expect(verdict).toBe("connect-with-rule");
    expect(report.packages).toMatchObject([{ registry: "npm", name: "camoufox-mcp" }]);
    expect(report.tools).toHaveLength(42);
    expect(rules.claudeCode.permissions.deny).toEqual([]);
    expect(rules.claudeCode.permissions.ask).toContain("mcp__browser__evaluate_mainworld");
    const correction = ["save_session", "Destructive", "--note", "it writes cookies anywhere"];
    const { code, err } = await callgate("catalogue", "override", "camoufox-mcp", ...correction);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect((await precheckJson("browser")).rules.codex.disabled_tools).toEqual(["save_session"]);
    const stack = await callgate("stack", "--json", "--project", project);
    expect(JSON.parse(stack.out).servers).toMatchObject([{ name: "browser", verdict: "connect-with-rule" }]);
  });

  it("takes a configured server of another package for another server", async () => {
    configure({ plain: entry(hostile, "plain") });
    await callgate("scan", "--config", join(project, ".mcp.json"));
    configure({ plain: { command: "npx", args: ["plain-mcp"] } });
    expect((await precheckJson("plain")).verdict).toBe("unknown");
  });

  it("[R156] prints what changed since it was last asked, or that nothing did", async () => {
    const lists = (...tools: object[]): void => writeFileSync(join(project, "lists.json"), JSON.stringify({ tools }));
    const note = { name: "note", description: "Adds a note.", inputSchema: { type: "object" } };
    const command = ["--", process.execPath, told, join(project, "lists.json")];
    const look = async () => (await callgate("precheck", "notes", ...command)).out;
    lists(note);
    expect(await look()).toContain("not seen before");
    expect(await look()).toMatch(/unchanged since last seen on \d{4}-\d{2}-\d{2}/);
    lists({ ...note, description: "Another." }, { ...note, name: "delete_note" });
    const changed = await look();
    expect(changed).toMatch(/since last seen on \d{4}-\d{2}-\d{2}:\n {2}high tool added delete_note to Destructive\n/);
    expect(changed).toContain("medium description changed note");
    configure({ notes: entry(told, join(project, "lists.json")) });
    expect((await precheckJson("notes")).since.changes).toEqual([]);
    lists(note);
    expect((await precheckJson("notes", ...command)).since.changes).toContainEqual({
      kind: "tool_removed",
      severity: "low",
      tool: "delete_note",
    });
  });

  it("answers by a client's name for what that client starts, and for no other server of that name", async () => {
    await callgate("scan", "--name", "notes", "--", process.execPath, hostile, "plain");
    const unknown = await precheckJson("notes");
    expect(unknown).toMatchObject({ verdict: "unknown", alike: [expect.stringMatching(/^notes-[0-9a-f]{8}$/)] });
    expect((await precheckJson(unknown.alike[0])).verdict).toBe("proceed");
    configure({ notes: entry(hostile, "tags") });
    expect((await precheckJson("notes")).verdict).toBe("unknown");
    configure({ notes: entry(hostile, "plain") });
    expect((await precheckJson("notes")).verdict).toBe("proceed");
  });

  it("keeps what is known of a package when a client's configuration with it is imported, and says why it took nothing", async () => {
    configure({ browser: { command: "npx", args: ["-y", "camoufox-mcp@1.0.0"] }, own: entry(hostile, "plain") });
    const { out } = await callgate("catalogue", "import", join(project, ".mcp.json"));
    expect(out).toContain("0 of 2 servers taken in (client)");
    expect(out).toContain(
      "not browser: it is known as `io-github-baixianger-camoufox-mcp`, and nothing in here is new",
    );
    expect(out).toContain("not own: it is neither a package nor an address");
    expect((await precheckJson("camoufox-mcp")).verdict).toBe("connect-with-rule");
    expect((await precheckJson("browser")).verdict).toBe("connect-with-rule");
  });

  it("takes in what a server.json tells of a known package, and shows it on every face", async () => {
    const file = join(project, "server.json");
    const packages = [{ registryType: "npm", identifier: "camoufox-mcp", version: "1.0.0" }];
    const remotes = [{ type: "streamable-http", url: "https://camoufox.example/mcp" }];
    writeFileSync(
      file,
      JSON.stringify({ name: "io.github.baixianger/camoufox-mcp", version: "1.0.0", packages, remotes }),
    );
    expect((await callgate("catalogue", "import", file)).out).toContain("1 of 1 servers taken in (server.json)");
    const shown = JSON.parse((await callgate("catalogue", "show", "camoufox-mcp", "--json")).out);
    expect(shown).toMatchObject({ status: "known", remotes: ["https://camoufox.example/mcp"] });
    const { report } = await precheckJson("camoufox-mcp");
    expect(report).toEqual(shown);
    expect(report.tools.some(({ attacks }: { attacks: string[] }) => attacks.length > 0)).toBe(true);
  });

  it("reads what a scan printed, by file", async () => {
    const { out } = await callgate("scan", "--json", "--no-save", "--", process.execPath, hostile, "tags");
    const file = join(project, "scan.json");
    writeFileSync(file, out);
    expect((await precheckJson(file)).verdict).toBe("ask-first");
    writeFileSync(file, '{"servers":[{"record":{"slug":"x"}}]}');
    expect((await precheckJson(file)).verdict).toBe("unknown");
  });

  it("fails when the server it is to look at cannot be read", async () => {
    const { code, err } = await callgate("precheck", "notes", "--", process.execPath, hostile, "die");
    expect(code).toBe(3);
    expect(err).toContain("exit code 7");
  });
});
