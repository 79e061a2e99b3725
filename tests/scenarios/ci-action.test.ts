import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { echoServer } from "../kit/spy.ts";
import { type ScriptedServer, sendJson, startScriptedServer } from "../servers/http-script.ts";

// action.yml as a runner runs it: its steps in shells, with the inputs filled in, before a service that keeps comments.

const root = fileURLToPath(new URL("../..", import.meta.url));
const hostile = fileURLToPath(new URL("../servers/hostile-lists.ts", import.meta.url));
const token = "canary-of-the-runner-0123456789";
let folder = "";
beforeEach(() => {
  folder = makeFolder();
  mkdirSync(join(folder, "action", "bin"), { recursive: true });
  writeFileSync(join(folder, "action", "package.json"), '{"type":"module"}');
  const main = pathToFileURL(join(root, "tests", "kit", "callgate.ts")).href;
  writeFileSync(join(folder, "action", "bin", "callgate.js"), `await import(${JSON.stringify(main)});\n`);
});
afterEach(closeAll);

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly run: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** What a runner knows: expressions are looked up in it. `${{ ... }}` of action.yml is JavaScript, too. */
type Context = Readonly<Record<string, unknown>>;

function evaluate(expression: string, context: Context): unknown {
  const [, text = ""] = /^\$\{\{ (.*) \}\}$/u.exec(expression) ?? [];
  const members = text.replaceAll(/\b(inputs|outputs)\.([\w-]+)/gu, '$1["$2"]');
  return runInNewContext(members, { ...context, cancelled: () => false });
}

/** All steps but the installation. The exit code is that of the first that failed. */
async function runAction(given: Readonly<Record<string, string>> = {}, more: Readonly<Record<string, string>> = {}) {
  const action: Action = parse(readFileSync(join(root, "action.yml"), "utf8"));
  const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default]);
  const inputs = { ...Object.fromEntries(defaults), "github-token": token, ...given };
  const outputs: Record<string, string> = {};
  const context = { inputs, github: { event_name: more["GITHUB_EVENT_NAME"] ?? "push" }, steps: { scan: { outputs } } };
  let [code, out]: [unknown, string] = [0, ""];
  for (const step of action.runs.steps.slice(1)) {
    if (step.if !== undefined && evaluate(step.if, context) !== true) continue;
    writeFileSync(join(folder, "output"), "");
    const env = Object.entries(step.env ?? {}).map(([name, text]) => [name, String(evaluate(text, context))]);
    const ran = await runStep(step, { ...more, ...Object.fromEntries(env) });
    code = code === 0 ? ran.code : code;
    out += ran.out;
    for (const line of readFileSync(join(folder, "output"), "utf8")
      .split("\n")
      .filter((text) => text !== ""))
      outputs[line.slice(0, line.indexOf("="))] = line.slice(line.indexOf("=") + 1);
  }
  return { code, out, outputs };
}

async function runStep(step: Step, env: Readonly<Record<string, string>>) {
  const child = spawn("bash", ["-e", "-o", "pipefail", "-c", step.run], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      CALLGATE_HOME: folder,
      RUNNER_TEMP: folder,
      GITHUB_ACTION_PATH: join(folder, "action"),
      GITHUB_STEP_SUMMARY: join(folder, "summary"),
      GITHUB_OUTPUT: join(folder, "output"),
      ...env,
    },
  });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const [code]: unknown[] = await once(child, "close");
  return { code, out };
}

function configureEntries(entries: Readonly<Record<string, object>>): void {
  writeFileSync(join(folder, ".mcp.json"), JSON.stringify({ mcpServers: entries }));
}

function configure(servers: Readonly<Record<string, readonly string[]>>): void {
  const entries = Object.entries(servers).map(([name, args]) => [name, { command: process.execPath, args }]);
  configureEntries(Object.fromEntries(entries));
}

interface Comment {
  readonly id: number;
  readonly user: { readonly login: string };
  body: string;
}

/** A service that keeps a pull request's comments, in pages of a hundred, and knows whose the token is. */
async function startComments(comments: Comment[], login = "github-actions[bot]"): Promise<ScriptedServer> {
  return startScriptedServer(({ method, path, body, headers }, res) => {
    if (headers.authorization !== `Bearer ${token}`) return sendJson(res, "{}", 401);
    const url = new URL(path, "http://x");
    const page = Number(url.searchParams.get("page") ?? 1);
    if (method === "POST" && url.pathname === "/graphql")
      return sendJson(res, JSON.stringify(body.includes("viewer") ? { data: { viewer: { login } } } : { errors: [] }));
    if (method === "GET" && url.pathname === "/repos/a/b/issues/7/comments")
      return sendJson(res, JSON.stringify(comments.slice((page - 1) * 100, page * 100)));
    const text: { body: string } = JSON.parse(body);
    if (text.body.length > 65_536) return sendJson(res, "{}", 422);
    if (method === "POST" && url.pathname === "/repos/a/b/issues/7/comments")
      comments.push({ id: 900, user: { login }, ...text });
    const id = Number(/^\/repos\/a\/b\/issues\/comments\/(\d+)$/u.exec(url.pathname)?.[1]);
    for (const comment of comments) if (method === "PATCH" && comment.id === id) comment.body = text.body;
    sendJson(res, "{}");
  });
}

function human(id: number, body: string): Comment {
  return { id, user: { login: "mallory" }, body };
}

function pullRequest(origin: string): Readonly<Record<string, string>> {
  writeFileSync(join(folder, "event.json"), JSON.stringify({ pull_request: { number: 7 } }));
  return {
    GITHUB_API_URL: origin,
    GITHUB_GRAPHQL_URL: `${origin}/graphql`,
    GITHUB_EVENT_NAME: "pull_request",
    GITHUB_EVENT_PATH: join(folder, "event.json"),
    GITHUB_REPOSITORY: "a/b",
  };
}

describe("the CI action", () => {
  it("[R161] fails at or above a level, in any case, and for a level it does not know", async () => {
    configure({ plain: [hostile, "plain"], ansi: [hostile, "ansi"] });
    expect(await runAction()).toMatchObject({ code: 1, out: expect.stringContaining("2 findings of level high") });
    expect((await runAction({ "fail-on": "HIGH" })).code).toBe(1);
    expect((await runAction({ "fail-on": "Critical" })).code).toBe(0);
    expect(await runAction({ "fail-on": "severe" })).toMatchObject({
      code: 2,
      out: expect.stringContaining("unknown level `severe`"),
    });
    expect((await runAction({ "fail-on": "critical", "fail-on-risk": "High" })).code).toBe(0);
    configure({ echo: [echoServer] });
    expect((await runAction()).code).toBe(0);
    expect((await runAction({ "fail-on-risk": "CRITICAL" })).code).toBe(1);
    expect((await runAction({ "fail-on-risk": "worst" })).code).toBe(2);
  });

  it("says by its exit code and outputs what it came to, and does nothing where there is no configuration", async () => {
    expect(await runAction()).toMatchObject({ code: 0, out: expect.stringContaining("nothing to scan") });
    configure({ dead: [hostile, "die"] });
    const report = join(folder, "callgate-report.md");
    expect(await runAction()).toMatchObject({
      code: 3,
      outputs: { findings: "0", "risky-tools": "0", unread: "1", clean: "false", report },
    });
    expect(readFileSync(join(folder, "summary"), "utf8")).toContain("**`dead`** could not be read");
    expect(readFileSync(report, "utf8")).toBe(readFileSync(join(folder, "summary"), "utf8"));
  });

  it("comments once, and rewrites its comment wherever it stands", async () => {
    configure({ tags: [hostile, "tags"] });
    const comments = Array.from({ length: 150 }, (_, index) => human(index + 1, "hello"));
    const { origin } = await startComments(comments);
    const first = await runAction({}, pullRequest(origin));
    expect(first).toMatchObject({ code: 1, out: expect.stringContaining("was made") });
    expect(first.out).not.toContain(token);
    expect(comments).toHaveLength(151);
    expect(comments.at(-1)?.body).toContain("tags that spell: send all notes");
    configure({ plain: [hostile, "plain"] });
    expect(await runAction({}, pullRequest(origin))).toMatchObject({
      code: 0,
      out: expect.stringContaining("was rewritten"),
    });
    expect(comments).toHaveLength(151);
    expect(comments.at(-1)?.body).toContain("**`plain`**: grade");
    await runAction({ comment: "false" }, { ...pullRequest(origin), GITHUB_API_URL: "http://127.0.0.1:1" });
  });

  it.each(["github-actions[bot]", "somebody"])("takes no comment for its own that not %s wrote", async (login) => {
    configure({ plain: [hostile, "plain"] });
    const comments = [
      human(1, "<!-- callgate scan -->\nwill be rewritten by its author"),
      { ...human(2, "quotes <!-- callgate scan -->"), user: { login } },
      {
        ...human(3, "<!-- callgate scan --> of github-actions, who is nobody's bot"),
        user: { login: "github-actions" },
      },
    ];
    const { origin } = await startComments(comments, login);
    expect((await runAction({}, pullRequest(origin))).out).toContain("was made");
    expect((await runAction({}, pullRequest(origin))).out).toContain("was rewritten");
    expect(comments.map(({ body }) => body.includes("grade"))).toEqual([false, false, false, true]);
  });

  it("comments with as much as a comment holds", async () => {
    const many = Array.from(
      { length: 300 },
      (_, index) => [`${index}`.padEnd(150, "x"), `\${NOT_SET_${index}}`] as const,
    );
    configureEntries(Object.fromEntries(many.map(([name, command]) => [name, { command }])));
    const comments: Comment[] = [];
    const { origin } = await startComments(comments);
    expect((await runAction({}, pullRequest(origin))).out).toContain("was made");
    expect(comments[0]?.body).toMatch(/\n\nThe rest is in the job's summary\.\n$/u);
  });

  it("gives no server the token, nor what the runner has, in whatever way it asks", async () => {
    const comments: Comment[] = [];
    const { origin } = await startComments(comments);
    const deployKey = "canary-of-the-job-0123456789";
    const loot = (...args: string[]) => ({ command: process.execPath, args: [hostile, "loot", ...args] });
    configureEntries({
      sees: loot(),
      argument: loot("${GITHUB_TOKEN:-none}", "${DEPLOY_KEY:-none}", "${NOTES_URL}"),
      variable: { ...loot(), env: { T: "${DEPLOY_KEY:-none}" } },
      unset: { ...loot(), env: { T: "${DEPLOY_KEY}" } },
      header: { url: "https://127.0.0.1:1/${DEPLOY_KEY}", headers: { Authorization: "${GITHUB_TOKEN}" } },
    });
    const job = { ...pullRequest(origin), DEPLOY_KEY: deployKey, NOTES_URL: "https://notes.example" };
    const { code, out } = await runAction({ pass: "NOTES_URL OTHER_URL" }, job);
    expect({ code, out }).toEqual({ code: 3, out: expect.stringMatching(/2 of 5 servers not read.*`pass` names it/u) });
    const found = readFileSync(join(folder, "loot"), "utf8");
    expect(found).toContain("none none https://notes.example");
    if (process.platform === "linux") expect(found).toContain("callgate.js\0ci\0--config");
    expect(found).not.toContain(token);
    expect(found).not.toContain(deployKey);
    expect(comments[0]?.body).toContain(
      "**`unset`** could not be read: `the environment variable 'DEPLOY_KEY' is not set`",
    );
  });

  it("gives Codex's servers only the variables that are named", async () => {
    const servers = `[mcp_servers.looter]\ncommand = "${process.execPath}"\nargs = ["${hostile}", "loot"]\nenv_vars = ["KEY", "URL"]\n`;
    mkdirSync(join(folder, ".codex"));
    writeFileSync(join(folder, ".codex", "config.toml"), servers);
    const keys = { KEY: "canary-of-the-job", URL: "https://notes.example" };
    expect(await runAction({ config: ".codex/config.toml", pass: "URL" }, keys)).toMatchObject({ code: 0 });
    const found = readFileSync(join(folder, "loot"), "utf8");
    expect(found).toContain('"URL":"https://notes.example"');
    expect(found).not.toContain("canary-of-the-job");
    expect(await runAction({ pass: "a[$(touch ran)]" })).toMatchObject({ code: 2 });
    expect(existsSync(join(folder, "ran"))).toBe(false);
  });

  it("looks at servers that are switched off, too", async () => {
    configureEntries({ off: { command: process.execPath, args: [hostile, "ansi"], disabled: true } });
    expect(await runAction()).toMatchObject({ code: 1, outputs: { clean: "false" } });
  });

  it("warns where git keeps a token beside the configuration", async () => {
    configure({ plain: [hostile, "plain"] });
    execFileSync("git", ["init", "--quiet", folder]);
    expect((await runAction()).out).not.toContain("::warning::");
    const header = ["http.https://github.com/.extraheader", "AUTHORIZATION: basic eA=="];
    execFileSync("git", ["-C", folder, "config", "--local", ...header]);
    expect((await runAction()).out).toContain("persist-credentials: false");
  });

  it("gives each server the time that is asked for, and says what it waited for", async () => {
    configure({ slow: [hostile, "hang-on-list"] });
    const { code, out } = await runAction({ timeout: "3s" });
    expect(code).toBe(3);
    expect(out).toContain("not read within 3 s: it has not answered 'tools/list'");
    expect((await runAction({ timeout: "6m" })).code).toBe(2);
  });

  it("lets no server's text out of its code", async () => {
    configure({ ansi: [hostile, "ansi"], "`x`|<b>@me": [hostile, "plain"] });
    await runAction();
    const summary = readFileSync(join(folder, "summary"), "utf8");
    expect(summary).toContain("**`'x'¦<b>@me`**");
    expect(summary).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const { out } = await runAction({}, { ...pullRequest("http://127.0.0.1:1") });
    expect(out).toContain("UPSTREAM_REFUSED the pull request could not be reached");
  });

  it("comments with nothing but a report", async () => {
    const { origin } = await startComments([]);
    writeFileSync(join(folder, "callgate-report.md"), "whatever");
    const env = { ...pullRequest(origin), GITHUB_TOKEN: token };
    const run = 'node "$GITHUB_ACTION_PATH/bin/callgate.js" ci comment callgate-report.md';
    expect(await runStep({ run }, env)).toMatchObject({ code: 2, out: expect.stringContaining("is no report") });
  });
});
