import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { echoServer } from "../kit/spy.ts";
import { startMcpServer } from "../servers/mcp-script.ts";

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
      unnamed: [],
      isServerUnnamed: false,
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

  it("takes another program under the same name for another server, in this project or in another one", async () => {
    const here = { command: "node", args: ["server.ts", "plain"] };
    copyFileSync(hostile, join(project, "server.ts"));
    configure({ plain: entry(hostile, "plain"), here });
    expect(await startCallgate(["scan", "--config", ".mcp.json"], home, {}, project).exit).toMatchObject({ code: 0 });
    expect((await precheckJson("plain")).verdict).toBe("proceed");
    expect((await precheckJson("here")).verdict).toBe("proceed");
    configure({ plain: { command: "./evil" }, here: { ...here, env: { PYTHONPATH: "./evil" } } });
    expect((await precheckJson("plain")).verdict).toBe("unknown");
    expect((await precheckJson("here")).verdict).toBe("unknown");
    project = join(home, "other");
    mkdirSync(project);
    copyFileSync(hostile, join(project, "server.ts"));
    configure({ here });
    expect((await precheckJson("here")).verdict).toBe("unknown");
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
    expect(out).toContain("not own: it is neither a package for certain nor an address");
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

  it("vouches for no other version and no forged package by what is known of one", async () => {
    const args = ["-y", "@eslint/mcp@0.3.13"];
    configure({
      real: { command: "npx", args },
      older: { command: "npx", args: ["-y", "@eslint/mcp@0.0.666"] },
      forged: { command: "npx", args, env: { NODE_OPTIONS: "--require ./evil.cjs" } },
      browser: { command: "npx", args: ["-y", "camoufox-mcp@0.0.1"] },
    });
    expect((await precheckJson("real")).verdict).toBe("proceed");
    expect((await precheckJson("@eslint/mcp@0.3.13")).verdict).toBe("proceed");
    expect((await precheckJson("@eslint/mcp@0.0.666")).verdict).toBe("unknown");
    expect(await precheckJson("older")).toMatchObject({
      verdict: "unknown",
      reasons: ["version 0.0.666 was not looked at: what is known is of 0.3.13"],
    });
    expect(await precheckJson("forged")).toMatchObject({
      verdict: "unknown",
      report: null,
      reasons: [expect.stringContaining("NODE_OPTIONS"), expect.stringContaining("neither good nor bad")],
    });
    const { verdict, reasons, rules } = await precheckJson("browser");
    expect(verdict).toBe("connect-with-rule");
    expect(reasons[0]).toContain("version 0.0.1 was not looked at");
    expect(rules.claudeCode.permissions.ask).toContain("mcp__browser__evaluate_mainworld");
  });

  it.each([
    ["a registry of its own", ".npmrc", "registry=https://evil.example/\n", "`.npmrc` in `"],
    ["a registry for a scope", ".npmrc", "save-exact=true\n@eslint:registry=https://evil.example/\n", "`.npmrc`"],
    ["the package itself", "node_modules/@eslint/mcp/package.json", '{"version":"0.3.13"}', "node_modules` has a `"],
    ["a program of that name", "package.json", '{"bin":{"mcp":"./evil.js"}}', "has a program of that name"],
  ])("takes no package for the known one in a project that has %s", async (_, name, text, reason) => {
    configure({ lint: { command: "npx", args: ["-y", "@eslint/mcp@0.3.13"] } });
    writeFileSync(join(project, ".npmrc"), "save-exact=true\n");
    expect((await precheckJson("lint")).verdict).toBe("proceed");
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
    expect(await precheckJson("lint")).toMatchObject({
      verdict: "unknown",
      reasons: [expect.stringContaining(reason), expect.any(String)],
    });
  });

  it("keeps a record of no package when the package may have come from elsewhere", async () => {
    const fake = join(project, "npx");
    writeFileSync(fake, `#!/bin/sh\nexec "${process.execPath}" "${hostile}" plain\n`, { mode: 0o755 });
    const { out } = await callgate("scan", "--json", "--", fake, "-y", "@eslint/mcp@0.3.13");
    expect(JSON.parse(out).servers).toMatchObject([{ status: "scanned", record: { packages: [] } }]);
  });

  it("denies the whole server, and says why, where no rule can name a tool", async () => {
    configure({ six: entry(hostile, "odd-names"), a__b: entry(hostile, "odd-names") });
    await callgate("scan", "--config", join(project, ".mcp.json"));
    const { rules } = await precheckJson("six");
    expect(rules).toEqual({
      claudeCode: { permissions: { deny: ["mcp__six__delete_note", "mcp__six"], ask: [] } },
      codex: { disabled_tools: expect.arrayContaining(["delete/all", "wipe everything", "delete_note"]) },
      unnamed: expect.arrayContaining(["delete/all", "wipe everything"]),
      isServerUnnamed: false,
    });
    const { out } = await callgate("precheck", "--rules", "--project", project, "six");
    expect(out).toMatch(
      /no rule of Claude Code can name `[^`]+`, `[^`]+`: the rule `mcp__six` is for the whole server/,
    );
    expect((await precheckJson("a__b")).rules.claudeCode.permissions.deny).toEqual(["mcp__a__b__delete_note"]);
    const other = await callgate("precheck", "--rules", "--project", project, "a__b");
    expect(other.out).toContain("nor this server");
  });

  it("keeps no key of an address, and knows the server at that address and at no other", async () => {
    const key = "SECRETPATHKEY1234567890";
    const { origin } = await startMcpServer();
    const { out } = await callgate("scan", "--json", `${origin}/s/${key}/mcp`);
    expect(JSON.parse(out).servers).toMatchObject([{ status: "scanned" }]);
    expect(out).not.toContain(key);
    for (const file of readdirSync(home, { recursive: true, encoding: "utf8", withFileTypes: true }))
      if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(key), file.name).toBe(false);
    configure({ mine: { url: `${origin}/s/${key}/mcp` }, other: { url: `${origin}/s/OTHERKEY1234567890/mcp` } });
    expect((await precheckJson("mine")).report).not.toBeNull();
    expect((await precheckJson("other")).verdict).toBe("unknown");
    const shown = await callgate("catalogue", "search", "127.0.0.1", "--json");
    expect(shown.out).not.toContain(key);
  });
});
