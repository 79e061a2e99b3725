import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrowserSession, setUp } from "../kit/browser-session.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { runCommand } from "../kit/run-command.ts";
import { pageComplaints } from "../kit/page-complaints.ts";

// The catalogue's pages in a real browser, of one gateway with a registered server and a grant.

let gateway: ServeGateway;
let ada: BrowserSession;
let browser: Browser;
let context: BrowserContext;

const slug = "io-github-baixianger-camoufox-mcp";
const pages = [
  "/catalogue",
  "/catalogue?query=save",
  `/catalogue/${slug}`,
  `/catalogue/${slug}/save-session`,
  "/catalogue/risk/critical",
  "/catalogue/category/financial",
  "/catalogue/attacks",
  "/catalogue/attacks/path-traversal-file-arguments",
];

beforeAll(async () => {
  gateway = await startServe({ policies: {}, grants: {}, servers: {} });
  ada = await setUp(gateway);
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  context = await browser.newContext();
  const cookies = [...ada.cookies].map(([name, value]) => ({ name, value, url: gateway.origin }));
  await context.addCookies(cookies);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await closeAll();
});

/** Opens a page and collects what its console and its requests complain of. */
async function open(
  path: string,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ page: Page; faults: string[] }> {
  const own =
    Object.keys(options).length === 0
      ? context
      : await browser.newContext({ ...options, storageState: await context.storageState() });
  const page = await own.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(gateway.origin + path);
  return { page, faults };
}

describe("the catalogue's pages", () => {
  it.each(pages)("%s has no fault for console, screen reader, phone and dark mode", async (path) => {
    for (const options of [{}, { colorScheme: "dark" as const, viewport: { width: 360, height: 740 } }]) {
      const { page, faults } = await open(path, options);
      expect(await page.evaluate(pageComplaints)).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    }
  });

  it.each(pages)("%s is whole without a script, and has the same as JSON and Markdown", async (path) => {
    const { page } = await open(path, { javaScriptEnabled: false });
    expect((await page.locator("main").innerText()).length).toBeGreaterThan(200);
    await page.close();
    const [address = "", query = ""] = path.split("?");
    const json = await ada.get(`${address}.json?${query}`);
    expect([json.status, json.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect((await json.text()).length).toBeGreaterThan(100);
    const markdown = await ada.get(`${address}.md?${query}`);
    expect([markdown.status, markdown.headers.get("content-type")]).toEqual([200, "text/markdown; charset=utf-8"]);
    expect(await markdown.text()).toMatch(/^# /u);
  });

  it("[R137] [R149] a server's page shows publisher with evidence, grade with arithmetic, access, counts, cost and date", async () => {
    const { page } = await open(`/catalogue/${slug}`);
    const text = await page.locator("main").innerText();
    for (const part of [
      /42 tools, 29 can change something/u,
      /Verdict: connect-with-rule/u,
      /Publisher\s+community: its package names the repository/u,
      /Grade\s+B, \d+ of 100 points\s+-\d+: /u,
      /Access\s+open/u,
      /Read 13[\s\S]*Write \d+[\s\S]*Execute \d+/u,
      /Definition cost\s+\d+ tokens of a context window[\s\S]*the heaviest tool is \w+/u,
      /Last checked\s+\d{4}-\d\d-\d\d/u,
    ]) {
      expect(text).toMatch(part);
    }
    await page.close();
  });

  it("[R138] a tool's page shows category, risk, reason, evidence, signals, policy, attacks and questions, in order", async () => {
    const { page } = await open(`/catalogue/${slug}/save-session`);
    const text = await page.locator("main").innerText();
    const order = [
      "Medium risk save_session",
      "Part of the camoufox-mcp server",
      "What it is for, and what can go wrong",
      "Write, confidence 0.80",
      "says Write",
      "takes a file path",
      "ASI02 Tool Misuse and Exploitation",
      "Allowed 30 times a minute",
      '"save_session_rate"',
      "The policy for all 42 tools",
      "Apply to my server",
      "Attacks on this kind of access",
      "Other Write tools",
      "What does save_session do?",
      "How do I block save_session completely?",
      "Which server provides save_session?",
      "The catalogue knows",
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(
      places.every((place, at) => place > (places[at - 1] ?? -1)),
      JSON.stringify(places),
    ).toBe(true);
    await page.getByText("How do I block save_session completely?").click();
    await page.getByText("Add it to hide").waitFor();
    await page.close();
  });

  it("a tool's page is found by the names of package and tool, too", async () => {
    const { page } = await open("/catalogue/camoufox-mcp/save_session");
    expect(new URL(page.url()).pathname).toBe(`/catalogue/${slug}/save-session`);
    await page.close();
  });

  it("[R153] a tool's page links the attacks that abuse such access, and each of those says so", async () => {
    const { page } = await open(`/catalogue/${slug}/save-session`);
    const links = page.locator('a[href^="/catalogue/attacks/"]');
    const hrefs = await links.evaluateAll((all) =>
      all.map((one) => one.getAttribute("href")?.replace(/#.*/, "") ?? ""),
    );
    expect(hrefs.length).toBeGreaterThan(0);
    for (const href of new Set(hrefs)) {
      const answer = await page.request.get(`${gateway.origin}${href}.json`);
      const { abuses } = await answer.json();
      const fits = abuses.signals.includes("takes_path") || abuses.categories.includes("Write");
      expect([href, fits]).toEqual([href, true]);
    }
    await page.close();
  });

  it("the page of all attacks says what the gateway itself stops and what is out of reach, in every format", async () => {
    const { page } = await open("/catalogue/attacks");
    for (const text of ["DNS rebinding to local MCP", "No answer has a CORS header", "Shadow MCP servers"])
      await page.getByText(text).first().waitFor();
    const json = await page.request.get(`${gateway.origin}/catalogue/attacks.json`);
    const { items, stoppedByGateway, outOfReach } = await json.json();
    expect(items.length + stoppedByGateway.length + outOfReach.length).toBe(104);
    const markdown = await page.request.get(`${gateway.origin}/catalogue/attacks.md`);
    expect(await markdown.text()).toMatch(/\n## Out of a policy's reach\n\n- [^\n]*: /);
    await page.close();
  });

  it("[R139] shows on pages the document that the API gives", async () => {
    const { page } = await open(`/catalogue/${slug}/save-session`);
    const shown: unknown = JSON.parse(await page.locator("#policy ~ pre").innerText());
    const { body } = await ada.api("GET", `/catalogue/servers/${slug}/tools/save-session`);
    expect(body).toMatchObject({ tool: { recommended: shown } });
    await page.goto(`${gateway.origin}/catalogue/${slug}`);
    const strict: unknown = JSON.parse((await page.locator('pre[aria-label="Policy strict"]').textContent()) ?? "");
    const policy = await ada.api("GET", `/catalogue/servers/${slug}/policy?preset=strict`);
    expect(policy.body).toMatchObject({ document: strict });
    await page.close();
  });

  it("[R142] lists tools of a category and of a risk with counts and a stance", async () => {
    const { page } = await open("/catalogue/category/destructive");
    expect(await page.locator("main").innerText()).toMatch(/Destructive tools[\s\S]*\d+ tools\. Hide it\./u);
    expect(await page.locator("tbody tr").count()).toBe(50);
    await page.getByText("More tools").click();
    expect(await page.locator("tbody tr").count()).toBeGreaterThan(10);
    await page.goto(`${gateway.origin}/catalogue/risk/low`);
    expect(await page.locator("main").innerText()).toMatch(
      /Tools of low risk[\s\S]*\d+ tools\. These tools return information/u,
    );
    await page.close();
  });

  it("[R11] registers a server of the catalogue with name and address filled in, both open to change", async () => {
    const { page } = await open("/catalogue/io-github-exa-labs-exa-mcp-server#register");
    const [name, url] = [page.getByLabel("Name"), page.getByLabel("Address")];
    expect(await name.inputValue()).toBe("exa-labs-exa");
    await name.fill("exa");
    await url.fill("https://mcp.exa.example/mcp");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("The server exa is registered.").waitFor();
    const { body } = await ada.api("GET", "/servers/exa");
    expect(body).toMatchObject({ id: "exa", title: "exa-mcp-server", access: { url: "https://mcp.exa.example/mcp" } });
    await page.close();
  });

  it("[R140] applies a recommended policy to a registered server in one action", async () => {
    await ada.api("POST", "/servers", {
      id: "fox",
      access: { kind: "url", url: "https://fox.example.com/mcp", transport: "streamable-http" },
    });
    await ada.api("POST", "/policies", { id: "open", document: '{"version":"1","default":"allow"}' });
    const minted = await ada.api("POST", "/grants", { label: "agent", servers: { fox: "open" } });
    expect(minted.status, JSON.stringify(minted.body)).toBe(201);
    const { page } = await open(`/catalogue/${slug}`);
    await page.getByLabel("To the server").selectOption("fox");
    await page.getByRole("button", { name: "Apply to my server" }).click();
    await page.getByText("The policy fox-balanced is saved").waitFor();
    const grants = await ada.api("GET", "/grants");
    expect(JSON.stringify(grants.body)).toContain('"fox-balanced"');
    const policy = await ada.api("GET", "/policies/fox-balanced");
    const expected = await ada.api("GET", `/catalogue/servers/${slug}/policy`);
    const { document }: { document: string } = JSON.parse(JSON.stringify(policy.body));
    expect(expected.body).toMatchObject({ document: JSON.parse(document) });

    const own = '{"version":"1","default":"deny"}';
    const etag = policy.headers.get("etag") ?? "";
    const edited = await ada.api("PATCH", "/policies/fox-balanced", { document: own }, { "if-match": etag });
    expect(edited.status, JSON.stringify(edited.body)).toBe(200);
    await page.getByLabel("To the server").selectOption("fox");
    await page.getByRole("button", { name: "Apply to my server" }).click();
    await page.getByText("was edited since it came from the catalogue").waitFor();
    expect((await ada.api("GET", "/policies/fox-balanced")).body).toMatchObject({ document: own });
    await page.close();
  });

  it("copies a document with the button that the script adds", async () => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const { page } = await open(`/catalogue/${slug}/save-session`);
    await page.getByRole("button", { name: "Copy: Policy for save_session" }).click();
    await page.getByText("Copied").waitFor();
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(JSON.parse(copied)).toMatchObject({ version: "1", tools: { save_session: {} } });
    await page.close();
  });

  it("shows what a hostile server wrote as text, in pages, Markdown and JSON", async () => {
    const hostile = '</code></pre><script>document.title="taken"</script><img src=x onerror="document.title=1">';
    const list = join(gateway.folder, "hostile.json");
    const parameter = { type: "string", enum: [hostile] };
    writeFileSync(
      list,
      JSON.stringify([
        {
          name: hostile,
          description: `${hostile} \u202e\u200b`,
          inputSchema: { type: "object", properties: { [hostile]: parameter } },
        },
        { name: "javascript:alert(1)", description: "x", inputSchema: { type: hostile } },
      ]),
    );
    const file = join(gateway.folder, "catalogue.sqlite");
    await runCommand(["catalogue", "import", list, "--name", `evil ${hostile}`, "--catalogue", file], gateway.folder);
    const found = await ada.api("GET", "/catalogue/servers?query=evil");
    const { items }: { items: { slug: string }[] } = JSON.parse(JSON.stringify(found.body));
    const evil = items[0]?.slug ?? "";
    const detail = await ada.api("GET", `/catalogue/servers/${evil}`);
    const { tools }: { tools: { slug: string }[] } = JSON.parse(JSON.stringify(detail.body));
    for (const path of [
      `/catalogue/${evil}`,
      ...tools.map((tool) => `/catalogue/${evil}/${tool.slug}`),
      "/catalogue?query=evil",
    ]) {
      const { page, faults } = await open(path);
      expect(faults, path).toEqual([]);
      expect(await page.title()).not.toMatch(/^(?:taken|1)$/u);
      expect(await page.locator("main script, main img").count()).toBe(0);
      expect(await page.evaluate(pageComplaints)).toEqual([]);
      await page.close();
      const markdown = await (await ada.get(`${path.split("?")[0] ?? ""}.md`)).text();
      expect(markdown.split("\n").filter((line) => line.includes("<script>") && !line.includes("`"))).toEqual([]);
    }
  });

  it("[R148] says of an unknown server that it is unknown, and gives it no page", async () => {
    const response = await ada.get("/catalogue/acme-nowhere.json");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: "unknown", grade: null, verdict: { verdict: "unknown" } });
    expect((await ada.get("/catalogue/acme-nowhere")).status).toBe(404);
  });

  it("is closed to strangers, and open where the operator says so", async () => {
    const strange = await fetch(`${gateway.origin}/catalogue`, { redirect: "manual" });
    expect([strange.status, strange.headers.get("location")]).toEqual([303, "/sign-in?next=%2Fcatalogue"]);
    expect((await fetch(`${gateway.origin}/catalogue.json`)).status).toBe(401);
    const open_ = await startServe({
      policies: {},
      grants: {},
      servers: {},
      settings: { allow: { public_catalogue: true }, contact_url: "mailto:security@example.com" },
    });
    const tool = await fetch(`${open_.origin}/catalogue/${slug}/save-session`);
    expect(tool.status).toBe(200);
    expect(await tool.text()).toContain('<a href="mailto:security@example.com">Contact</a>');
    expect((await fetch(`${open_.origin}/catalogue.json?query=github`)).status).toBe(200);
    expect((await fetch(`${open_.origin}/api/v1/servers`)).status).toBe(401);
    const register = await fetch(`${open_.origin}/catalogue/${slug}/register`, {
      method: "POST",
      body: new URLSearchParams({ id: "x", url: "https://x.example.com" }),
    });
    expect(register.status).toBe(401);
  });
});
