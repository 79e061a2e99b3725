import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyPolicy } from "../../src/control/apply-policy.ts";
import { admin, openBeside } from "../kit/beside.ts";
import { type BrowserSession, join, setUp } from "../kit/browser-session.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { pageComplaints } from "../kit/page-complaints.ts";

// A recommended policy put in force from the catalogue's pages, in a real browser: chosen, looked at, confirmed.

const slug = "io-github-baixianger-camoufox-mcp";
const open = '{"version":"1","default":"allow"}';

let gateway: ServeGateway;
let ada: BrowserSession;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  gateway = await startServe({
    servers: {
      aardvark: { url: "http://127.0.0.1:1/mcp" },
      fox: { command: "npx", args: ["-y", "camoufox-mcp@1.0.0"] },
    },
    policies: { open },
    grants: { alice: { servers: { fox: "open" } } },
  });
  ada = await setUp(gateway);
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  context = await browser.newContext({ javaScriptEnabled: false });
  await context.addCookies([...ada.cookies].map(([name, value]) => ({ name, value, url: gateway.origin })));
}, 60_000);
afterAll(async () => {
  await browser.close();
  await closeAll();
});

/** Each test has grants of its own on `fox`: the others' are ended. */
beforeEach(async () => {
  await page?.close();
  for (const { id, source } of (await read("/grants")).items)
    if (source === "database") expect((await ada.api("POST", `/grants/${id}/revoke`)).status).toBe(200);
  page = await context.newPage();
  faults = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
});

async function read(path: string) {
  return JSON.parse(JSON.stringify((await ada.api("GET", path)).body));
}

async function mint(label: string, servers: Readonly<Record<string, string | null>>): Promise<string> {
  const { status, body } = await ada.api("POST", "/grants", { label, servers });
  expect(status, JSON.stringify(body)).toBe(201);
  return JSON.parse(JSON.stringify(body)).grant.id;
}

const policyOf = async (grant: string, server = "fox"): Promise<string | null> =>
  (await read(`/grants/${grant}`)).servers[server];

/** Goes from a page of the catalogue to the page that asks for confirmation. */
async function choose(path: string, server?: string, what?: string): Promise<void> {
  await page.goto(gateway.origin + path);
  if (server !== undefined) await page.getByLabel("To the server").selectOption(server);
  if (what !== undefined) await page.getByLabel("The policy for").selectOption(what);
  await page.getByRole("button", { name: "Apply to my server" }).click();
  await page.getByRole("heading", { level: 1, name: "Apply a policy to" }).waitFor();
}

const main = (): Promise<string> => page.locator("main").innerText();
const sectionOf = (id: string): Promise<string> => page.locator(`section[aria-labelledby=${id}]`).innerText();
const confirmButton = () => page.getByRole("button", { name: /^(?:Apply to|Save the policy)/u });

describe("a recommended policy", () => {
  it("[R140] is in force for a registered server with one action, once it was looked at", async () => {
    const agent = await mint("agent", { fox: "open" });
    const bare = await mint("bare", { fox: null });
    await choose(`/catalogue/${slug}`);
    expect(await page.locator("input[name=server]").getAttribute("value")).toBe("fox");
    const expected = await read(`/catalogue/servers/${slug}/policy`);
    expect(JSON.parse(await page.getByLabel("Document").inputValue())).toEqual(expected.document);
    const given = await sectionOf("given");
    expect(given).toMatch(/With open now\s+agent[\s\S]*-\s+"default": "allow"[\s\S]*\+\s+"default": "deny"/u);
    expect(given).toMatch(/With no policy now\s+bare/u);
    expect(await sectionOf("kept")).toMatch(/alice .*has open, by the operator's files/u);
    expect(await main()).not.toContain("not known to be that server");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 740 });
        expect(await page.evaluate(pageComplaints), `${colorScheme} ${width}`).toEqual([]);
      }
    }
    expect(faults).toEqual([]);
    expect([await policyOf(agent), await policyOf(bare)]).toEqual(["open", null]);
    expect((await ada.api("GET", "/policies/fox-balanced")).status).toBe(404);

    await page.getByRole("button", { name: "Apply to 2 grants" }).click();
    const news = await page.getByRole("status").innerText();
    expect(news).toMatch(/policy fox-balanced is saved \(version 1\)[\s\S]*In force on fox for:\s+agent.*\s+bare/u);
    expect(news).toMatch(/Not for:\s+alice.*: it has open by the operator's files/u);
    expect([await policyOf(agent), await policyOf(bare)]).toEqual(["fox-balanced", "fox-balanced"]);
    const { document } = await read("/policies/fox-balanced");
    expect(JSON.parse(document)).toEqual(expected.document);
  });

  it("is offered for the server that it was written for, and only with a warning for another one", async () => {
    const agent = await mint("agent", { aardvark: "open" });
    await page.goto(`${gateway.origin}/catalogue/${slug}/save-session`);
    const groups = page.locator("#server optgroup");
    expect(await groups.evaluateAll((all) => all.map((one) => one.getAttribute("label")))).toEqual([
      "Registered as camoufox-mcp",
      "Other servers",
    ]);
    expect(await groups.first().innerText()).toMatch(/^\s*fox/u);
    expect(await page.getByLabel("To the server").inputValue()).toBe("fox");
    expect(await main()).toContain("For other servers this policy fits badly");
    await choose(`/catalogue/${slug}/save-session`, "aardvark");
    expect(await main()).toContain("aardvark is not known to be that server");
    expect(await main()).toContain("for save_session alone");
    expect(await page.getByLabel("Name").inputValue()).toBe("aardvark-save-session");
    expect(await policyOf(agent, "aardvark")).toBe("open");
    await page.getByRole("button", { name: "Apply to 1 grant" }).click();
    await page.getByRole("status").waitFor();
    expect(new URL(page.url()).pathname).toBe(`/catalogue/${slug}/save-session`);
    expect(await policyOf(agent, "aardvark")).toBe("aardvark-save-session");
  });

  it("asks for the server where none is known to be the one", async () => {
    await page.goto(`${gateway.origin}/catalogue/ai-perplexity-mcp-server`);
    expect(await page.getByLabel("To the server").inputValue()).toBe("");
    expect(await main()).toContain("No registered server is known to be");
  });

  it("can be edited before, with problems at their place, and what was shown is what is applied", async () => {
    const agent = await mint("agent", { fox: "open" });
    await choose(`/catalogue/${slug}`, "fox", "strict");
    const edited = '{\n  "version": "1",\n  "default": "denied"\n}';
    await page.getByLabel("Document").fill(edited);
    await page.getByRole("button", { name: "Show what changes" }).click();
    expect(await page.locator("#document-problems").innerText()).toMatch(/^Line 3, column \d+: /u);
    expect(await page.getByLabel("Document").getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByLabel("Document").inputValue()).toBe(edited);
    expect(await page.evaluate(pageComplaints)).toEqual([]);
    expect(await confirmButton().count()).toBe(0);

    const mended = edited.replace("denied", "deny");
    await page.getByLabel("Document").fill(edited.replace("denied", "allow"));
    await page.getByRole("button", { name: "Show what changes" }).click();
    await page.getByLabel("Document").fill(mended);
    await confirmButton().click();
    expect(await main()).toContain("This is not what you were shown");
    expect(await sectionOf("given")).toMatch(/\+\s+"default": "deny"/u);
    expect(await policyOf(agent)).toBe("open");
    await confirmButton().click();
    await page.getByRole("status").waitFor();
    expect(await read("/policies/fox-strict")).toMatchObject({ document: mended, grants: [agent] });

    await choose(`/catalogue/${slug}`, "fox", "strict");
    expect(await page.locator("#name-fault").innerText()).toContain("was edited since: give this one another name");
    expect(await confirmButton().count()).toBe(0);
    await page.getByLabel("Name").fill("fox-strict-2");
    await page.getByRole("button", { name: "Show what changes" }).click();
    expect(await sectionOf("given")).toContain("With fox-strict now");
    await confirmButton().click();
    await page.getByRole("status").waitFor();
    expect(await policyOf(agent)).toBe("fox-strict-2");
    expect(await read("/policies/fox-strict")).toMatchObject({ document: mended });
  });

  it("is not applied, but shown again, when a grant was changed meanwhile", async () => {
    const agent = await mint("agent", { fox: "open" });
    await choose(`/catalogue/${slug}`, "fox", "read-only");
    await ada.api("POST", "/policies", { id: "own", document: open });
    const attached = await ada.api("POST", "/policies/own/attach", { server: "fox", grants: [agent] });
    expect(attached.status, JSON.stringify(attached.body)).toBe(200);
    await confirmButton().click();
    expect(await main()).toContain("This is not what you were shown");
    expect(await sectionOf("given")).toContain("With own now");
    expect([await policyOf(agent), (await ada.api("GET", "/policies/fox-read-only")).status]).toEqual(["own", 404]);
    await confirmButton().click();
    await page.getByRole("status").waitFor();
    expect(await policyOf(agent)).toBe("fox-read-only");
  });

  it("says who else has the policy when it gets a next version, and that there is nothing to do when it is in force", async () => {
    const document = '{"version":"1","default":"deny"}';
    const made = await ada.api("POST", "/policies", { id: "kept", document, note: `from the catalogue: ${slug}` });
    expect(made.status).toBe(201);
    const agent = await mint("agent", { fox: "kept" });
    await mint("other", { aardvark: "kept" });
    await choose(`/catalogue/${slug}`);
    await page.getByLabel("Name").fill("kept");
    await page.getByRole("button", { name: "Show what changes" }).click();
    expect(await sectionOf("given")).toMatch(
      /With kept now: its next version\s+agent.* for fox\s+other.* for aardvark/u,
    );
    expect(await sectionOf("given")).toContain("in force for a grant of another server, too");
    await page.getByRole("button", { name: "Apply to 2 grants" }).click();
    expect(await page.getByRole("status").innerText()).toContain("kept is saved (version 2)");
    expect(await policyOf(agent)).toBe("kept");
    await choose(`/catalogue/${slug}`);
    await page.getByLabel("Name").fill("kept");
    await page.getByRole("button", { name: "Show what changes" }).click();
    expect(await main()).toContain("every grant that can be changed here has it already");
    expect(await confirmButton().count()).toBe(0);
  });

  it("is said to be in force only where it is", async () => {
    await mint("agent", { fox: "open" });
    await page.goto(`${gateway.origin}/catalogue/${slug}?applied=open&to=aardvark`);
    expect(await page.getByRole("status").innerText()).toContain("No grant has it for aardvark yet");
    await page.goto(`${gateway.origin}/catalogue/${slug}?applied=nothing&to=fox`);
    expect(await page.getByRole("status").count()).toBe(0);
  });

  it("is for policy managers, from the gateway's own pages", async () => {
    const fields = { server: "fox", what: "balanced" };
    const viewer = await join(ada, "vic", "viewer");
    expect((await viewer.post(`/catalogue/${slug}/apply`, fields)).status).toBe(403);
    expect(await (await viewer.get(`/catalogue/${slug}`)).text()).toContain("A policy manager can apply this policy");
    const manager = await join(ada, "mia", "policy_manager");
    expect((await manager.post(`/catalogue/${slug}/apply`, fields)).status).toBe(200);
    const elsewhere = { origin: "https://evil.example.com" };
    expect((await manager.post(`/catalogue/${slug}/apply`, fields, elsewhere)).status).toBe(403);
    const cookie = [...manager.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const unsigned = await fetch(`${gateway.origin}/catalogue/${slug}/apply`, {
      method: "POST",
      headers: { cookie, origin: gateway.origin },
      body: new URLSearchParams(fields),
    });
    expect(unsigned.status).toBe(403);
  });

  it("is applied whole or not at all", async () => {
    const agent = await mint("agent", { fox: "open" });
    const plane = await openBeside(gateway.folder);
    const text = { document: open, note: "" };
    const { revision } = await read(`/grants/${agent}`);
    const step = { id: "whole", text, revision: undefined, server: "fox", grants: new Map([[agent, revision - 1]]) };
    await expect(applyPolicy(plane, admin, step)).rejects.toMatchObject({ code: "REVISION_STALE" });
    expect([await policyOf(agent), (await ada.api("GET", "/policies/whole")).status]).toEqual(["open", 404]);
    await ada.api("POST", "/policies", { id: "taken", document: open });
    const grants = new Map([[agent, revision]]);
    await expect(applyPolicy(plane, admin, { ...step, id: "taken", grants })).rejects.toMatchObject({
      code: "NAME_TAKEN",
    });
    const other = { document: '{"version":"1","default":"deny"}', note: "" };
    // Also where the text needs no saving: what it says now is not what was looked at.
    for (const stale of [other, undefined])
      await expect(
        applyPolicy(plane, admin, { id: "taken", text: stale, revision: 7, server: "fox", grants }),
      ).rejects.toMatchObject({ code: "REVISION_STALE" });
    expect(await policyOf(agent)).toBe("open");
  });
});
