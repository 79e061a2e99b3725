import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrowserSession, password, setUp } from "../kit/browser-session.ts";
import { makeFolder } from "../kit/folder.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll, closeLater } from "../kit/opened.ts";
import { runCommand } from "../kit/run-command.ts";
import { until } from "../kit/wait.ts";

// Signing in from the command line, and the members it administers then.

let gateway: ServeGateway;
let ada: BrowserSession;
let home = "";
beforeAll(async () => {
  home = makeFolder();
  gateway = await startServe({ policies: {}, grants: {}, servers: {} });
  ada = await setUp(gateway);
});
afterAll(closeAll);

function callgate(args: readonly string[], input?: string) {
  return runCommand(args, home, input === undefined ? {} : { input });
}

async function countOf(list: string): Promise<number> {
  const { body } = await ada.api("GET", list);
  const items: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "items") : undefined;
  return Array.isArray(items) ? items.length : Number.NaN;
}

const file = (): string => joinPath(home, "credentials.json");

describe("callgate login", () => {
  it("keeps a token of one's own for this user alone, and leaves no session", async () => {
    const sessions = await countOf("/sessions");
    const given = ["login", gateway.origin, "--email", "ada@example.com", "--password-stdin"];
    const { code, out, err } = await callgate(given, `${password}\n`);
    expect({ code, out, err }).toEqual({ code: 0, out: expect.stringContaining("signed in to"), err: "" });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readFileSync(file(), "utf8")).not.toContain(password);
    const { token } = Object.assign(
      { token: "" },
      Object.values(Object(JSON.parse(readFileSync(file(), "utf8")).gateways))[0],
    );
    expect(token).toMatch(/^cga_/);
    expect(`${out}${err}`).not.toContain(token);
    expect(await countOf("/sessions")).toBe(sessions);
    expect(await countOf("/api-tokens")).toBe(1);
    // The gateway signed in to last is the one that is meant.
    const members = await callgate(["members", "list"]);
    expect(members).toMatchObject({ code: 0, out: expect.stringMatching(/ada@example\.com +Ada +admin/) });
  });

  it("refuses a wrong password and keeps nothing of it", async () => {
    const before = readFileSync(file(), "utf8");
    const given = ["login", gateway.origin, "--email", "ada@example.com", "--password-stdin"];
    expect(await callgate(given, "not the password")).toMatchObject({
      code: 1,
      err: expect.stringContaining("UNAUTHENTICATED e-mail address or password is wrong"),
    });
    expect(readFileSync(file(), "utf8")).toBe(before);
  });

  it("asks nobody where there is no terminal, and sends no password in the clear", async () => {
    expect(await callgate(["login", gateway.origin], "")).toMatchObject({
      code: 2,
      err: expect.stringContaining("there is no terminal to ask at: add `--email EMAIL`"),
    });
    expect(await callgate(["login", "http://gateway.example.com", "--token-stdin"], "cga_x")).toMatchObject({
      code: 3,
      err: expect.stringContaining("use https"),
    });
  });

  it("does not use a file that others may read", async () => {
    chmodSync(file(), 0o644);
    expect(await callgate(["members", "list"])).toMatchObject({ code: 3, err: expect.stringContaining("chmod 600") });
    chmodSync(file(), 0o600);
  });

  it("makes a token that may do less, when told so", async () => {
    const other = makeFolder();
    const given = ["login", gateway.origin, "--email", "ada@example.com", "--password-stdin", "--role", "viewer"];
    expect((await runCommand(given, other, { input: password })).code).toBe(0);
    expect(await runCommand(["members", "invite", "viewer"], other)).toMatchObject({
      code: 1,
      err: expect.stringContaining("FORBIDDEN"),
    });
    expect((await runCommand(["logout"], other)).code).toBe(0);
  });

  it("takes a token that was made on the account page", async () => {
    const other = makeFolder();
    const made = await ada.api("POST", "/api-tokens", { label: "ci", role: "viewer" });
    const { token } = Object.assign({ token: "" }, made.body);
    const { code, out } = await runCommand(["login", gateway.origin, "--token-stdin"], other, { input: `${token}\n` });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("as ci") });
    expect((await runCommand(["members", "list"], other)).code).toBe(0);
    expect((await runCommand(["logout"], other)).out).toContain("forgotten here");
  });
});

// `script` (util-linux) gives a process a terminal of its own.
const hasTerminal = process.platform === "linux" && existsSync("/usr/bin/script");

describe.skipIf(!hasTerminal)("callgate login at a terminal", () => {
  it("asks for address and password, and does not show what is typed", async () => {
    const other = makeFolder();
    const line = `${process.execPath} ${fileURLToPath(new URL("../kit/callgate.ts", import.meta.url))} login ${gateway.origin}`;
    const child = spawn("/usr/bin/script", ["-qec", line, "/dev/null"], {
      env: { PATH: process.env["PATH"] ?? "", HOME: other, CALLGATE_HOME: other, NO_COLOR: "1", TERM: "xterm" },
    });
    closeLater(() => void child.kill("SIGKILL"));
    const closed = once(child, "close");
    let screen = "";
    child.stdout.on("data", (chunk: Buffer) => (screen += chunk.toString("utf8")));
    const sees = (text: string): Promise<true> =>
      until(`${text} in ${screen}`, () => screen.includes(text) || undefined);
    await sees("E-mail address at");
    child.stdin.write("ada@example.com\r");
    await sees("Password: ");
    child.stdin.write(`${password}x\u007f\r`);
    await sees("signed in to");
    await closed;
    expect(screen).not.toContain(password.slice(0, 8));
    expect(existsSync(joinPath(other, "credentials.json"))).toBe(true);
    expect((await runCommand(["logout"], other)).code).toBe(0);
  });
});

describe("callgate members", () => {
  it("invites, changes a role and removes", async () => {
    const invited = await callgate(["members", "invite", "viewer", "--email", "bob@example.com"]);
    expect(invited.code).toBe(0);
    expect(invited.out).toContain("pass it on now: it is never shown again");
    expect((await callgate(["members", "invitations"])).out).toContain("bob@example.com");
    const [, link = ""] = /^link +(\S+)$/m.exec(invited.out) ?? [];
    const form = new URLSearchParams({
      token: new URL(link).searchParams.get("token") ?? "",
      name: "Bob",
      email: "bob@example.com",
      password,
    });
    const headers = { origin: gateway.origin };
    const url = `${gateway.origin}/invitation`;
    expect((await fetch(url, { method: "POST", body: form, headers, redirect: "manual" })).status).toBe(303);
    expect((await callgate(["members", "role", "bob@example.com", "approver"])).out).toBe(
      "bob@example.com is approver now\n",
    );
    expect(await callgate(["members", "role", "ada@example.com", "viewer"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("LAST_ADMIN"),
    });
    expect((await callgate(["members", "remove", "bob@example.com"])).out).toContain("removed bob@example.com");
    expect((await callgate(["members", "list"])).out).not.toContain("bob@example.com");
    expect(await callgate(["members", "role", "nobody", "viewer"])).toMatchObject({ code: 2 });
  });
});

describe("callgate logout", () => {
  it("revokes the token and forgets it", async () => {
    const tokens = await countOf("/api-tokens");
    expect((await callgate(["logout"])).out).toContain("the token is revoked");
    expect(await countOf("/api-tokens")).toBe(tokens - 1);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({ gateways: {} });
    expect(await callgate(["logout"])).toMatchObject({ code: 2, err: expect.stringContaining("nobody is signed in") });
  });
});
