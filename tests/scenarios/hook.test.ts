import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { echoServer } from "../kit/spy.ts";

// Claude Code's hook: put into its settings, taken out, and run as it runs it.

let home = "";
let settings = "";
beforeEach(() => {
  home = makeFolder();
  settings = join(home, ".claude", "settings.json");
});
afterEach(closeAll);

const hostile = fileURLToPath(new URL("../servers/hostile-lists.ts", import.meta.url));

async function callgate(args: readonly string[], input?: string, env: Readonly<Record<string, string>> = {}) {
  const running = startCallgate(args, home, env);
  let out = "";
  running.child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  if (input !== undefined) running.child.stdin.end(input);
  const { code } = await running.exit;
  return { code, out, err: running.stderr() };
}

function writeSettings(text: string): void {
  mkdirSync(join(home, ".claude"), { recursive: true });
  writeFileSync(settings, text);
}

const others = `{
    "model": "opus",
    "hooks": {
        "PreToolUse": [{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "./check" }] }],
        "Stop": []
    },   "n": 1.50
}`;

describe("callgate install-hook", () => {
  it("[R158] writes once, prints what it wrote, and puts the file back byte for byte", async () => {
    writeSettings(others);
    chmodSync(settings, 0o640);
    const first = await callgate(["install-hook"]);
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining(`wrote to ${settings}:\n{`) });
    expect(first.out).toContain('"matcher": "mcp__.*"');
    const written = readFileSync(settings, "utf8");
    expect(JSON.parse(written)).toMatchObject({
      model: "opus",
      hooks: {
        PreToolUse: [
          { matcher: "Bash", hooks: [{ command: "./check" }] },
          { matcher: "mcp__.*", hooks: [{ type: "command", command: expect.stringMatching(/ precheck --hook$/) }] },
        ],
        Stop: [],
      },
    });
    expect(statSync(settings).mode & 0o777).toBe(0o640);
    expect((await callgate(["install-hook"])).out).toContain("has the hook already");
    expect(readFileSync(settings, "utf8")).toBe(written);
    expect((await callgate(["install-hook", "--remove"])).out).toContain("is as it was before");
    expect(readFileSync(settings, "utf8")).toBe(others);
    expect((await callgate(["install-hook", "--remove"])).out).toContain("has no hook");
  });

  it("makes the file where there was none, and takes it away again", async () => {
    await callgate(["install-hook"]);
    expect(existsSync(settings)).toBe(true);
    await callgate(["install-hook", "--remove"]);
    expect(existsSync(settings)).toBe(false);
  });

  it("takes out only the hook of a file that was changed since", async () => {
    writeSettings(others);
    await callgate(["install-hook"]);
    const changed = { ...JSON.parse(readFileSync(settings, "utf8")), model: "other" };
    writeFileSync(settings, JSON.stringify(changed));
    expect((await callgate(["install-hook", "--remove"])).out).toContain("only the hook was taken out");
    expect(JSON.parse(readFileSync(settings, "utf8"))).toEqual({ ...JSON.parse(others), model: "other" });
  });

  it("replaces an older hook of ours, and still puts back what was there before the first", async () => {
    writeSettings("{}");
    await callgate(["install-hook"]);
    const older = readFileSync(settings, "utf8").replace(process.execPath, "/old/node");
    writeFileSync(settings, older);
    await callgate(["install-hook"]);
    expect(readFileSync(settings, "utf8")).not.toContain("/old/node");
    expect(JSON.parse(readFileSync(settings, "utf8")).hooks.PreToolUse).toHaveLength(1);
  });

  it("leaves a file alone that it cannot read, and follows a link instead of replacing it", async () => {
    writeSettings('{ // mine\n "a": 1 }');
    expect(await callgate(["install-hook"])).toMatchObject({ code: 3, err: expect.stringContaining("left alone") });
    expect(readFileSync(settings, "utf8")).toContain("// mine");
    const real = join(home, "real.json");
    writeFileSync(real, "{}\n");
    rmSync(settings);
    symlinkSync(real, settings);
    await callgate(["install-hook"]);
    expect(readFileSync(real, "utf8")).toContain("precheck --hook");
    await callgate(["install-hook", "--remove"]);
    expect(readFileSync(real, "utf8")).toBe("{}\n");
  });

  it("prints without writing, and installs for another folder of settings", async () => {
    expect((await callgate(["install-hook", "--print"])).out).toContain("precheck --hook");
    expect(existsSync(settings)).toBe(false);
    await callgate(["install-hook"], undefined, { CLAUDE_CONFIG_DIR: join(home, "other") });
    expect(existsSync(join(home, "other", "settings.json"))).toBe(true);
  });
});

describe("callgate install-hook --project", () => {
  it.each([
    ["the file", (project: string) => symlinkSync(join(home, "outside.json"), join(project, ".claude/settings.json"))],
    [
      "its folder",
      (project: string) => {
        rmSync(join(project, ".claude"), { recursive: true });
        symlinkSync(home, join(project, ".claude"));
      },
    ],
  ])("writes through no link of the project that leads out of it: %s", async (_, link) => {
    const project = join(home, "project");
    mkdirSync(join(project, ".claude"), { recursive: true });
    writeFileSync(join(home, "outside.json"), "{}");
    link(project);
    for (const more of [[], ["--remove"]]) {
      const running = startCallgate(["install-hook", "--project", ...more], home, {}, project);
      expect(await running.exit).toMatchObject({ code: 3 });
      expect(running.stderr()).toContain("is a link out of the project");
    }
    expect(readFileSync(join(home, "outside.json"), "utf8")).toBe("{}");
    expect(existsSync(join(home, "settings.json"))).toBe(false);
  });

  it("writes into the project's own file, also through a link that stays in it", async () => {
    const project = join(home, "project");
    mkdirSync(join(project, ".claude"), { recursive: true });
    writeFileSync(join(project, "shared.json"), "{}");
    symlinkSync("../shared.json", join(project, ".claude/settings.json"));
    expect(await startCallgate(["install-hook", "--project"], home, {}, project).exit).toMatchObject({ code: 0 });
    expect(readFileSync(join(project, "shared.json"), "utf8")).toContain("precheck --hook");
  });
});

describe("the hook", () => {
  const call = (tool: string, more: object = {}) =>
    JSON.stringify({
      session_id: "s1",
      cwd: home,
      hook_event_name: "PreToolUse",
      tool_name: tool,
      tool_input: { secret: "canary-of-a-call" },
      ...more,
    });
  const ask = (input: string) => callgate(["precheck", "--hook"], input);

  async function scanned(): Promise<void> {
    const entry = (file: string, ...args: string[]) => ({ command: process.execPath, args: [file, ...args] });
    const servers = { plain: entry(hostile, "plain"), tags: entry(hostile, "tags"), "my notes": entry(echoServer) };
    writeFileSync(join(home, ".mcp.json"), JSON.stringify({ mcpServers: servers }));
    await callgate(["scan", "--config", join(home, ".mcp.json")]);
  }

  it("asks about what is unknown or flagged, notes what is known, and says it once in a session", async () => {
    await scanned();
    const decision = async (tool: string, more: object = {}) => {
      const { code, out } = await ask(call(tool, more));
      expect(code).toBe(0);
      expect(out).not.toContain("canary-of-a-call");
      return out === "" ? undefined : JSON.parse(out);
    };
    expect(await decision("mcp__nobody__x")).toMatchObject({
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "ask",
        permissionDecisionReason: expect.stringContaining("neither good nor bad"),
      },
    });
    expect(await decision("mcp__nobody__x")).toBeUndefined();
    expect(await decision("mcp__nobody__x", { session_id: "s2" })).toBeDefined();
    expect(await decision("mcp__tags__note")).toMatchObject({ hookSpecificOutput: { permissionDecision: "ask" } });
    expect(await decision("mcp__plain__note")).toEqual({ systemMessage: expect.stringContaining("nothing was found") });
    expect(await decision("mcp__my_notes__safe")).toEqual({ systemMessage: expect.stringContaining("my_notes") });
    expect(await decision("mcp__my_notes__delete_repo")).toMatchObject({
      hookSpecificOutput: { permissionDecision: "ask", permissionDecisionReason: expect.stringContaining("delete") },
    });
    expect(await decision("Bash")).toBeUndefined();
  });

  it.each(["", "no json", "[]", "{}", '{"tool_name":5}', `{"tool_name":"mcp__a"}`])(
    "[R159] never blocks, whatever it is given: %j",
    async (input) => {
      const { code, out } = await ask(input);
      expect(code).toBe(0);
      expect(out).not.toMatch(/"deny"|"block"|"continue":false/);
      if (input === "" || input === "no json" || input === "[]")
        expect(JSON.parse(out).systemMessage).toContain("the precheck was skipped, the call goes on unchecked");
    },
  );

  it("[R159] says so when the data folder cannot be used, and lets the call go on", async () => {
    const file = join(home, "a-file");
    writeFileSync(file, "x");
    writeFileSync(join(home, ".mcp.json"), JSON.stringify({ mcpServers: { a: { command: "npx", args: ["a-mcp"] } } }));
    const { code, out } = await callgate(["precheck", "--hook"], call("mcp__a__b"), { CALLGATE_HOME: file });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ systemMessage: expect.stringContaining("the precheck was skipped") });
  });

  it("[R159] says so at every call for as long as the catalogue cannot be read, and asks once it can be", async () => {
    const catalogue = join(home, "catalogue.sqlite");
    writeFileSync(catalogue, "damaged".repeat(1_000));
    for (const _ of [1, 2]) {
      const { code, out } = await ask(call("mcp__a__b"));
      expect(code).toBe(0);
      expect(JSON.parse(out)).toEqual({ systemMessage: expect.stringContaining("the precheck was skipped") });
    }
    rmSync(catalogue);
    expect((await ask(call("mcp__a__b"))).out).toContain("neither good nor bad");
    expect((await ask(call("mcp__a__b"))).out).toBe("");
  });

  it("runs as the settings say it", async () => {
    await callgate(["install-hook"]);
    const { command } = JSON.parse(readFileSync(settings, "utf8")).hooks.PreToolUse[0].hooks[0];
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, CALLGATE_HOME: home };
    const out = execFileSync("/bin/sh", ["-c", command], { input: call("mcp__a__b"), env, encoding: "utf8" });
    expect(JSON.parse(out).hookSpecificOutput.permissionDecision).toBe("ask");
  });

  const decide = async (tool: string) => {
    const { code, out } = await ask(call(tool));
    expect(code).toBe(0);
    return JSON.parse(out);
  };
  const asks = (reason: string) => ({
    hookSpecificOutput: { permissionDecision: "ask", permissionDecisionReason: expect.stringContaining(reason) },
  });

  it("takes no server for another because of the name that it was given", async () => {
    const entry = (file: string, ...args: string[]) => ({ command: process.execPath, args: [file, ...args] });
    const good = entry(hostile, "plain");
    writeFileSync(join(home, ".mcp.json"), JSON.stringify({ mcpServers: { good } }));
    await callgate(["scan", "--config", join(home, ".mcp.json")]);
    const evil = { command: "npx", args: ["evil-mcp"] };
    writeFileSync(join(home, ".mcp.json"), JSON.stringify({ mcpServers: { good, good__x: evil } }));
    expect(await decide("mcp__good__note")).toMatchObject({
      systemMessage: expect.stringContaining("good, looked at"),
    });
    expect(await decide("mcp__good__x__wipe")).toMatchObject(asks("(good__x)"));
    writeFileSync(join(home, ".mcp.json"), JSON.stringify({ mcpServers: {} }));
    expect(await decide("mcp__good__other")).toMatchObject(asks("no configuration that is read here names it"));
  });

  it("asks about a tool that is denied, however its name is written", async () => {
    const six = { command: process.execPath, args: [hostile, "odd-names"] };
    writeFileSync(join(home, ".mcp.json"), JSON.stringify({ mcpServers: { six } }));
    await callgate(["scan", "--config", join(home, ".mcp.json")]);
    expect(await decide("mcp__six__delete_all")).toMatchObject(asks("`delete_all` of six"));
    expect(await decide("mcp__six__wipe_everything")).toMatchObject(asks("`wipe_everything` of six"));
  });

  it("asks about a forged package, and about another version than was looked at", async () => {
    const args = ["-y", "@eslint/mcp@0.3.13"];
    const servers = {
      real: { command: "npx", args },
      forged: { command: "./npx", args },
      older: { command: "npx", args: ["-y", "@eslint/mcp@0.0.666"] },
    };
    writeFileSync(join(home, ".mcp.json"), JSON.stringify({ mcpServers: servers }));
    expect(await decide("mcp__real__lint-files")).toMatchObject({ systemMessage: expect.any(String) });
    expect(await decide("mcp__forged__lint-files")).toMatchObject(asks("named by a path"));
    expect(await decide("mcp__older__lint-files")).toMatchObject(asks("version 0.0.666 was not looked at"));
  });

  it("is not switched off by a project's files, and says what it could not read", async () => {
    const known = { command: "npx", args: ["-y", "@eslint/mcp@0.3.13"] };
    writeFileSync(join(home, ".claude.json"), JSON.stringify({ mcpServers: { known } }));
    const project = join(home, "project");
    for (const folder of [".cursor", ".codex", ".vscode"]) mkdirSync(join(project, folder), { recursive: true });
    writeFileSync(join(project, ".cursor/mcp.json"), '{"a": "'.padEnd(2_000_000, '\\"'));
    symlinkSync("/dev/zero", join(project, ".vscode/mcp.json"));
    writeFileSync(join(project, ".codex/config.toml"), `a${".a".repeat(20_000)}=1`);
    const inProject = async (tool: string) => JSON.parse((await ask(call(tool, { cwd: project }))).out);
    expect(await inProject("mcp__evil__x")).toMatchObject(asks("neither good nor bad"));
    expect(await inProject("mcp__known__x")).toMatchObject({ systemMessage: expect.stringContaining("known") });
    writeFileSync(join(project, ".mcp.json"), '{"a": "'.padEnd(2_000_000, '\\"'));
    expect(await inProject("mcp__known__y")).toMatchObject(asks(".mcp.json` cannot be read"));
  });

  it("asks when the look-up takes too long", async () => {
    const known = { command: "npx", args: ["-y", "@eslint/mcp@0.3.13"] };
    writeFileSync(join(home, ".mcp.json"), JSON.stringify({ mcpServers: { known } }));
    await ask(call("mcp__known__x"));
    const db = new DatabaseSync(join(home, "catalogue.sqlite"));
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    try {
      expect(await decide("mcp__known__y")).toMatchObject(asks("took too long and was skipped"));
    } finally {
      db.close();
    }
  });
});
