import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { echoServer } from "../kit/spy.ts";
import { type ScriptedServer, sendJson, startScriptedServer } from "../servers/http-script.ts";

// action.yml as a runner runs it: its last step in a shell, with the inputs filled in, before a service that keeps comments.

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

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: {
    readonly steps: readonly { readonly run: string; readonly env?: Readonly<Record<string, string>> }[];
  };
}

async function runAction(given: Readonly<Record<string, string>> = {}, more: Readonly<Record<string, string>> = {}) {
  const action: Action = parse(readFileSync(join(root, "action.yml"), "utf8"));
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [
      name,
      given[name] ?? (name === "github-token" ? token : input.default),
    ]),
  );
  const step = action.runs.steps.at(-1);
  const filled = Object.entries(step?.env ?? {}).map(([name, text]) => [
    name,
    text.replace(/^\$\{\{ inputs\.([\w-]+) \}\}$/u, (_, input: string) => inputs[input] ?? ""),
  ]);
  const child = spawn("bash", ["-e", "-o", "pipefail", "-c", step?.run ?? "exit 9"], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      CALLGATE_HOME: folder,
      GITHUB_ACTION_PATH: join(folder, "action"),
      GITHUB_STEP_SUMMARY: join(folder, "summary"),
      GITHUB_OUTPUT: join(folder, "output"),
      ...Object.fromEntries(filled),
      ...more,
    },
  });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const [code] = await once(child, "close");
  return { code, out };
}

function configure(servers: Readonly<Record<string, readonly string[]>>): void {
  const entries = Object.entries(servers).map(([name, args]) => [name, { command: process.execPath, args }]);
  writeFileSync(join(folder, ".mcp.json"), JSON.stringify({ mcpServers: Object.fromEntries(entries) }));
}

/** A service that keeps a pull request's comments, in pages of a hundred. */
async function startComments(comments: { id: number; body: string }[]): Promise<ScriptedServer> {
  return startScriptedServer(({ method, path, body, headers }, res) => {
    if (headers.authorization !== `Bearer ${token}`) return sendJson(res, "{}", 401);
    const url = new URL(path, "http://x");
    const page = Number(url.searchParams.get("page") ?? 1);
    if (method === "GET" && url.pathname === "/repos/a/b/issues/7/comments")
      return sendJson(res, JSON.stringify(comments.slice((page - 1) * 100, page * 100)));
    const text: { body: string } = JSON.parse(body);
    if (method === "POST" && url.pathname === "/repos/a/b/issues/7/comments") comments.push({ id: 900, ...text });
    const id = Number(/^\/repos\/a\/b\/issues\/comments\/(\d+)$/u.exec(url.pathname)?.[1]);
    for (const comment of comments) if (method === "PATCH" && comment.id === id) comment.body = text.body;
    sendJson(res, "{}");
  });
}

function pullRequest(origin: string): Readonly<Record<string, string>> {
  writeFileSync(join(folder, "event.json"), JSON.stringify({ pull_request: { number: 7 } }));
  return {
    GITHUB_API_URL: origin,
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
    expect((await runAction()).code).toBe(3);
    expect(readFileSync(join(folder, "output"), "utf8")).toBe("findings=0\nrisky-tools=0\nunread=1\nclean=false\n");
    expect(readFileSync(join(folder, "summary"), "utf8")).toContain("**`dead`** could not be read");
  });

  it("comments once, and rewrites its comment wherever it stands", async () => {
    configure({ tags: [hostile, "tags"] });
    const comments = Array.from({ length: 150 }, (_, index) => ({ id: index + 1, body: "hello" }));
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

  it("gives no server the token, and lets no server's text out of its code", async () => {
    configure({ environment: [hostile, "environment"], ansi: [hostile, "ansi"], "`x`|<b>@me": [hostile, "plain"] });
    await runAction();
    const summary = readFileSync(join(folder, "summary"), "utf8");
    expect(summary).not.toContain("GITHUB_TOKEN");
    expect(summary).toContain("**`'x'¦<b>@me`**");
    expect(summary).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const { out } = await runAction({}, { ...pullRequest("http://127.0.0.1:1") });
    expect(out).toContain("UPSTREAM_REFUSED the pull request could not be reached");
  });
});
