import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStdio } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { startRun } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";

// The command line as a user meets it: what it prints, where, and with which exit code.

let folder = "";
beforeEach(() => {
  folder = makeFolder();
  mkdirSync(folder, { recursive: true });
});
afterEach(closeAll);

const published =
  '{"version":"1","default":"deny","tools":{"save_session":{"limits":[{"counter":"save_session_rate","window":"minute","max":30,"scope":"grant"}]}}}';

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function callgate(...args: string[]) {
  const process = startCallgate(args, folder);
  let out = "";
  process.child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const { code } = await process.exit;
  return { code, out, err: process.stderr() };
}

describe("callgate", () => {
  it("shows its commands and exit codes", async () => {
    const { code, out } = await callgate("--help");
    expect(code).toBe(0);
    for (const word of [
      "run",
      "serve",
      "validate",
      "policy explain",
      "policy test",
      "policy import",
      "catalogue classify",
      "scan",
      "attacks run",
      "ci",
      "precheck",
      "stack",
      "install-hook",
      "snippets",
      "log",
      "login",
      "apply",
      "export",
      "doctor",
      "backup",
      "restore",
      "Of a running gateway, over its HTTP API:",
      "Exit codes",
    ]) {
      expect(out).toContain(word);
    }
  });

  const misuse = [
    { args: ["rum"], says: "did you mean `run`?" },
    { args: ["policy", "tset"], says: "did you mean `policy test`?" },
    { args: ["validate"], says: "name one file" },
    { args: ["validate", "x.json", "--jsom"], says: "did you mean `--json`?" },
    { args: ["run", "--", "true"], says: "name the policy" },
    { args: ["run", "-p", "x.json"], says: "name the server's command after `--`" },
    { args: ["catalogue", "classify"], says: "name the file" },
    { args: ["catalogue", "classify", "x.json", "--preset", "wild"], says: "use read-only, balanced, strict" },
    { args: ["scan"], says: "name a server" },
    { args: ["ci", "--fail-on", "worst"], says: "unknown level `worst`" },
    { args: ["ci", "comment"], says: "name the report" },
    { args: ["ci", "comment", "package.json"], says: "is no report" },
    { args: ["precheck"], says: "name a server" },
    { args: ["install-hook", "here"], says: "takes no `here`" },
    { args: ["snippets"], says: "name an address, or a command" },
    { args: ["stack", "here"], says: "name a folder with `--project`" },
    { args: ["scan", "camoufox-mcp"], says: "not run unless you give the command" },
    { args: ["scan", "--config", "x.yaml", "--", "true"], says: "not both" },
    { args: ["scan", "--timeout", "6m", "--", "true"], says: "up to 5 minutes" },
    { args: ["serve", "callgate.yaml"], says: "`callgate serve --config callgate.yaml`" },
    { args: ["log", "--outcome", "maybe"], says: "use allow, deny or hold" },
    { args: ["policy"], says: "`policy explain`, `policy test`, `policy import`" },
    { args: ["policy", "--help"], says: "`policy explain`, `policy test`, `policy import`" },
    { args: ["policy", "validate", "x.json"], says: "did you mean `validate`?" },
    { args: ["log", "--last", "0"], says: "see `callgate log --help`" },
  ];
  it.each(misuse)("answers $args with exit code 2 and what to do", async ({ args, says }) => {
    const { code, err, out } = await callgate(...args);
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(out).toBe("");
  });
});

describe("callgate validate", () => {
  it("accepts the published policy", async () => {
    const { code, out } = await callgate("validate", write("policy.json", published));
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(out).toContain("is valid");
  });

  it("lists every problem with its place, and returns 1 [R37] [R45]", async () => {
    const file = write(
      "policy.json",
      '{\n "version": "1",\n "default": "maybe",\n "hide": ["a", "a"],\n "tolls": {}\n}\n',
    );
    const human = await callgate("validate", file);
    expect(human.code).toBe(1);
    expect(human.out).toContain(`${file}:3:`);
    const { code, out } = await callgate("validate", "--json", file);
    expect(code).toBe(1);
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject({ valid: false });
    expect(JSON.stringify(report)).toContain('"/tolls"');
  });

  it("says which file cannot be read", async () => {
    const { code, out } = await callgate("validate", join(folder, "none.json"));
    expect(code).toBe(1);
    expect(out).toContain("FILE_UNREADABLE");
    expect(out).toContain("it is not there");
    expect(out).toContain(join(folder, "none.json"));
  });

  it("checks a configuration with the policies it names", async () => {
    write("policy.json", published);
    const config = write(
      "callgate.yaml",
      "servers:\n  camoufox: { command: npx }\npolicies:\n  p: ./policy.json\ngrants:\n  alice: { token: '${NO_SUCH_TOKEN}', servers: { camufox: p } }\n",
    );
    const { code, out } = await callgate("validate", "--config", config);
    expect(code).toBe(1);
    expect(out).toContain("did you mean `camoufox`?");
    expect(out).toContain("`NO_SUCH_TOKEN` is not set");
  });
});

describe("callgate policy", () => {
  it("explains a call step by step [R45]", async () => {
    const { code, out } = await callgate("policy", "explain", "-p", write("policy.json", published), "--tool", "click");
    expect(code).toBe(0);
    expect(out).toContain("(default deny)");
    expect(out).toContain("deny [default_deny]");
  });

  it("prints the normal form, which loads to the same policy", async () => {
    const short = write("short.json", '{"version":"1","default":"deny","tools":{"a":{"rate_limit":"5/hour"}}}');
    const { code, out } = await callgate("policy", "explain", "-p", short);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ tools: { a: { limits: [{ window: "hour", max: 5 }] } } });
    const again = await callgate("validate", write("normal.json", out));
    expect(again.code).toBe(0);
  });

  it("runs cases and fails when one fails [R45]", async () => {
    write("policy.json", published);
    const cases = (last: string): string => `policy: policy.json
cases:
  - name: thirty a minute fit
    call: { tool: save_session, repeat: 30 }
    expect: allow
  - name: the thirty-first does not
    call: { tool: save_session, repeat: 31 }
    expect: { outcome: deny, code: limit_reached, rule: /tools/save_session/limits/0 }
  - name: nothing else passes
    call: { tool: click }
    expect: ${last}
`;
    const good = await callgate("policy", "test", write("good.yaml", cases("deny")));
    expect(good.code).toBe(0);
    expect(good.out).toContain("3 passed, 0 failed");
    const bad = await callgate("policy", "test", write("bad.yaml", cases("allow")));
    expect(bad.code).toBe(1);
    expect(bad.out).toContain("2 passed, 1 failed");
    expect(bad.out).toContain("expected `allow`, got `deny`");
  });

  it("imports an older dialect with a report [R164]", async () => {
    const old = write(
      "old.yaml",
      'version: "1"\ntools:\n  refund:\n    rules:\n      - name: small\n        conditions: [{ path: args.amount, op: lte, value: 100 }]\n        on_deny: Too much.\n',
    );
    const target = join(folder, "new.json");
    const { err } = await callgate("policy", "import", old, "-o", target);
    expect(err).toContain(`wrote ${target}`);
    const { code } = await callgate("validate", target);
    expect(code).toBe(0);
    const explained = await callgate("policy", "explain", "-p", target, "-t", "refund", "-a", '{"amount": 500}');
    expect(explained.out).toContain("Too much.");
  });
});

describe("callgate catalogue classify", () => {
  const hostile = { properties: { action: { enum: ["run_\u001b[2J\u202e"] } } };
  const tools = [
    { name: "get_order" },
    { name: "delete_order" },
    { name: "*" },
    { name: "run\u001b[2J" },
    { name: "tell", inputSchema: hostile },
  ];
  const save = (): string => write("tools.json", JSON.stringify({ jsonrpc: "2.0", id: 1, result: { tools } }));

  it("lists the riskiest first, with what said so, and shows no control character of a server", async () => {
    const { code, out } = await callgate("catalogue", "classify", save());
    expect(code).toBe(0);
    const lines = out.split("\n");
    expect(lines[0]).toMatch(/^Critical Destructive delete_order .* because the name says `delete`/);
    expect(out).toContain("grade ");
    expect(out).toContain(String.raw`run\u{1b}[2J`);
    expect(out).toContain(String.raw`action: run_\u{1b}[2J\u{202e}`);
    expect(out).not.toMatch(/[\u001B\u202E]/u);
  });

  it("prints the same as JSON, with a policy for each tool", async () => {
    const { code, out } = await callgate("catalogue", "classify", save(), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      tools: expect.arrayContaining([
        expect.objectContaining({
          name: "delete_order",
          category: "Destructive",
          recommended: { version: "1", default: "deny", hide: ["delete_order"] },
        }),
      ]),
      grade: { tokenMethod: expect.stringContaining("characters") },
    });
  });

  it("prints a policy that validates, without names that would select other tools", async () => {
    const { code, out, err } = await callgate("catalogue", "classify", save(), "--preset", "balanced");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ hide: ["delete_order"], tools: { get_order: {} } });
    expect(err).toContain('left out, and so denied: "*"');
    expect((await callgate("validate", write("made.json", out))).code).toBe(0);
  });

  it("refuses a file that holds no list of tools", async () => {
    const { code, err } = await callgate("catalogue", "classify", write("tools.json", "{}"));
    expect(code).toBe(1);
    expect(err).toContain("TOOLS_INVALID");
  });
});

describe("callgate log", () => {
  it("shows what was decided, and as JSON nothing left out", async () => {
    const gateway = startRun({ policy: { version: "1", default: "deny", tools: { safe: {} } } });
    const client = await openStdio(gateway.process, "legacy");
    await client.call("safe");
    await client.call("evil");
    const store = join(gateway.folder, "callgate.sqlite");
    const human = await callgate("log", "--store", store);
    expect(human.code).toBe(0);
    expect(human.out).toMatch(/allow echo\/safe local/);
    expect(human.out).toMatch(/deny {2}echo\/evil local default_deny \(default deny\)/);
    const json = await callgate("log", "--store", store, "--outcome", "deny", "--json");
    const rows: unknown[] = json.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kind: "call", tool: "evil", outcome: "deny", code: "default_deny" });
  });

  it("says so when nothing was recorded yet", async () => {
    const { code, err } = await callgate("log");
    expect(code).toBe(1);
    expect(err).toContain("nothing recorded yet");
  });
});
