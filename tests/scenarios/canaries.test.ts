import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openVaultPlane } from "../credentials/open-vault-plane.ts";
import { settle, worldSettings } from "../credentials/oauth-world.ts";
import { openBrowser as openFollowing } from "../kit/browser.ts";
import { apiToken, askApi, type BrowserSession, password, setUp, setupLink, textOf } from "../kit/browser-session.ts";
import { type Canaries, createCanaries } from "../kit/canary.ts";
import { openHttpLegacy, openHttpModern } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { echoServer } from "../kit/spy.ts";
import { type OAuthServer, startOAuthServer } from "../servers/oauth-server.ts";

// Every kind of secret is taken through every feature that touches it; afterwards none may be anywhere but where it was
// shown once, on purpose, to whom it belongs.

const allowAll = '{"version":"1","default":"allow"}';
const redirectPath = "/oauth/upstream/callback";

let gateway: ServeGateway;
let server: OAuthServer;
let canaries: Canaries;
/** What was answered, shown or said, by where. What shows a secret once, on purpose, is not among it. */
const outputs = new Map<string, string>();

function note(where: string, text: string): void {
  outputs.set(where, `${outputs.get(where) ?? ""}\n${text}`);
}

beforeAll(async () => {
  canaries = createCanaries();
  gateway = await startServe({
    policies: { all: allowAll },
    settings: {
      ...worldSettings,
      allow: {
        private_addresses: true,
        commands: [{ command: process.execPath, args: [echoServer, "--noise"], env: ["NOTES_TOKEN"] }],
      },
    },
  });
  canaries.watch("vault key", readFileSync(join(gateway.folder, "callgate.key"), "utf8").trim());
  canaries.watch("setup link", (await setupLink(gateway)).searchParams.get("token") ?? "");
  canaries.watch("password", password);
  canaries.watch("grant token of the file", gateway.token());
  const ada = await setUp(gateway);
  canaries.watch("session id", ada.cookies.get("callgate") ?? "");
  await usePeople(ada);
  await useServers(ada);
  await useOAuth(ada);
  await settle();
}, 60_000);

afterAll(closeAll);

/** Asks, and keeps what was answered among the outputs. */
async function ask(who: BrowserSession, method: string, path: string, body?: unknown): Promise<unknown> {
  const { status, body: answer } = await who.api(method, path, body);
  note(`API ${method} ${path}`, `${status} ${JSON.stringify(answer)}`);
  return answer;
}

async function usePeople(ada: BrowserSession): Promise<void> {
  const token = await apiToken(ada);
  canaries.watch("API token", token);
  note("API by token", JSON.stringify((await askApi(gateway.origin, token, "GET", "/api-tokens")).body));
  note("API with a wrong token", JSON.stringify((await askApi(gateway.origin, `${token}x`, "GET", "/servers")).body));
  const invited = await ada.api("POST", "/invitations", { role: "viewer" });
  canaries.watch("invitation", new URL(textOf(invited.body, "url")).searchParams.get("token") ?? "");
  await ask(ada, "GET", "/invitations");
  await ask(ada, "GET", "/members");
  await ask(ada, "GET", "/sessions");
  const wrong = await ada.post("/sign-in", { email: "ada@example.com", password: canaries.plant("wrong password") });
  note("page of a wrong sign-in", await wrong.text());
}

async function useServers(ada: BrowserSession): Promise<void> {
  const clientSecret = canaries.plant("client secret");
  server = await startOAuthServer({
    registersClients: false,
    tokenSeconds: 3,
    clients: [
      {
        id: "by-hand",
        secret: clientSecret,
        redirectUri: `${gateway.origin}${redirectPath}`,
      },
    ],
  });
  const url = { kind: "url", url: server.url, transport: "streamable-http" };
  const command = { kind: "command", command: process.execPath, args: [echoServer, "--noise"] };
  await ask(ada, "POST", "/servers", { id: "notes", title: "Notes", access: url });
  await ask(ada, "POST", "/servers", { id: "headers", title: "Headers", access: { ...url, url: server.echo.url } });
  await ask(ada, "POST", "/servers", { id: "local", title: "Local", access: command });
  const header = canaries.plant("header");
  await ask(ada, "PUT", "/servers/headers/credentials/header/x-api-key", { value: canaries.plant("replaced header") });
  await ask(ada, "PUT", "/servers/headers/credentials/header/x-api-key", { value: header });
  await ask(ada, "PUT", "/servers/local/credentials/environment/NOTES_TOKEN", { value: canaries.plant("variable") });
  // Mistakes are answered without what was sent.
  const mistaken = canaries.plant("mistaken value");
  await ask(ada, "PUT", "/servers/headers/credentials/header/host", { value: mistaken });
  await ask(ada, "PUT", "/servers/headers/credentials/header/x-api-key", { value: `${mistaken}\n` });
  await ask(ada, "PUT", "/servers/headers/credentials/header/x-api-key", { value: `\${${mistaken}}` });
  await ask(ada, "PUT", "/servers/headers/credentials/header/x-api-key", { valeu: mistaken });
  await ask(ada, "PUT", "/servers/local/credentials/environment/PATH", { value: mistaken });
  await ask(ada, "PUT", "/servers/none/credentials/header/x-api-key", { value: mistaken });
  await ask(ada, "PUT", "/servers/notes/oauth-client", { clientId: "by-hand", clientSecret });
  for (const id of ["headers", "local", "notes"]) await ask(ada, "GET", `/servers/${id}/credentials`);
}

async function useOAuth(ada: BrowserSession): Promise<void> {
  await ada.api("POST", "/policies", { id: "open", document: allowAll });
  const servers = { notes: "open", headers: "open", local: "open" };
  const minted = await ada.api("POST", "/grants", { label: "bob", servers });
  canaries.watch("grant token", textOf(minted.body, "token"));
  const [, id = ""] = textOf(minted.body, "token").split("_");
  const rotated = await ada.api("POST", `/grants/${id}/rotate`, { overlapMs: 0 });
  const token = textOf(rotated.body, "token");
  canaries.watch("rotated grant token", token);
  await ask(ada, "GET", `/grants/${id}`);
  const begun = await ada.api("POST", "/servers/notes/connection");
  const browser = openFollowing();
  for (const [name, value] of ada.cookies) browser.keep(new URL(gateway.origin).host, `${name}=${value}`);
  const page = await browser.visit(textOf(begun.body, "url"));
  note("callback page", page.text);
  canaries.watch("authorization code", new URL(page.url).searchParams.get("code") ?? "");
  canaries.watch("state", new URL(page.url).searchParams.get("state") ?? "");
  note("callback page again", (await browser.ask(page.url)).text);
  await settle();
  for (const round of [1, 2]) {
    for (const name of ["notes", "headers", "local"]) {
      const answer = await openHttpModern(gateway.url(name), token).call("safe");
      note(`call of ${name}`, JSON.stringify(answer));
    }
    if (round === 1) await settle(3_000);
  }
  const legacy = await openHttpLegacy(gateway.url("local"), token);
  note("legacy call", JSON.stringify(await legacy.call("safe")));
  server.faults.says = "your token is TOKEN";
  note("a server that shows its token", JSON.stringify(await openHttpModern(gateway.url("notes"), token).call("safe")));
  server.faults.says = undefined;
  server.faults.refusesRenewal = "invalid_grant";
  await settle(3_200);
  note("a failed renewal", JSON.stringify(await openHttpModern(gateway.url("notes"), token).call("safe")));
  await ask(ada, "GET", "/servers/notes/credentials");
  for (const answer of server.tokenAnswers) {
    const { access_token: access, refresh_token: refresh }: Record<string, string> = JSON.parse(answer);
    if (access !== undefined) canaries.watch(`access token ${access.slice(0, 4)}`, access);
    if (refresh !== undefined) canaries.watch(`refresh token ${refresh.slice(0, 4)}`, refresh);
  }
  for (const body of server.tokenRequests) {
    const verifier = body.get("code_verifier");
    if (verifier !== null) canaries.watch("code verifier", verifier);
  }
}

describe("no secret is anywhere but where it belongs [R19]", () => {
  it("took part in all that was done", async () => {
    const used = server.echo.seen.map(({ headers }) => headers["x-api-key"]).join(" ");
    expect(canaries.foundIn(used)).toEqual(["header"]);
    expect(server.tokenAnswers.length).toBeGreaterThan(1);
    expect(outputs.get("a server that shows its token")).toContain("your token is [redacted]");
    expect(outputs.get("a failed renewal")).toContain("UPSTREAM_CREDENTIALS");
    expect(outputs.get("callback page")).toContain("Connected");
    expect([...outputs.values()].join("")).not.toContain("INTERNAL");
  });

  it("not in an answer of the API, of MCP, or a page", () => {
    const found = [...outputs].map(([where, text]) => [where, canaries.foundIn(text)]);
    expect(found.filter(([, names]) => names?.length !== 0)).toEqual([]);
  });

  it("not in the log", () => {
    // Printed once for whoever starts the gateway, who is to open it.
    const shown = gateway.process.stderr().replaceAll(/\S+\/setup\?token=\S+/g, "");
    expect(canaries.foundIn(shown)).toEqual([]);
  });

  it("not in the store's files, the audit's rows or the admin events", async () => {
    expect(canaries.foundIn(gateway.storeBytes())).toEqual([]);
    const { read } = (await openVaultPlane(gateway.folder)).database;
    const events = await read.selectFrom("admin_events").selectAll().execute();
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        "credential.set",
        "credential.replace",
        "connection.create",
        "connection.consent_needed",
      ]),
    );
    const rows = await gateway.rows.waitFor(1, () => true);
    expect(canaries.foundIn(JSON.stringify([events, rows]))).toEqual([]);
  });

  it.skipIf(process.platform !== "linux")("not in the list of processes, nor in another child's environment", () => {
    const gatewayPid = gateway.process.child.pid ?? 0;
    const children = childrenOf(gatewayPid);
    expect(children.length).toBeGreaterThan(0);
    for (const pid of [gatewayPid, ...children]) {
      expect(canaries.foundIn(readFileSync(`/proc/${pid}/cmdline`))).toEqual([]);
    }
    const environments = children.map((pid) => canaries.foundIn(readFileSync(`/proc/${pid}/environ`)));
    // The one server that the variable was entered for has it, and nobody has anything else.
    expect(environments.flat()).toEqual(expect.arrayContaining(["variable"]));
    expect(new Set(environments.flat())).toEqual(new Set(["variable"]));
  });
});

function childrenOf(pid: number): readonly number[] {
  const text = execFileSync("ps", ["-o", "pid=", "--ppid", `${pid}`], { encoding: "utf8" });
  return text
    .split("\n")
    .map(Number)
    .filter((one) => one > 0);
}
