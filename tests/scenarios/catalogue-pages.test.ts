import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
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

/** What an address answers as text, and as JSON. */
const readText = async (path: string): Promise<string> => (await ada.get(path)).text();
const readJson = async (path: string) => JSON.parse(await readText(path));

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

  it("[R138] a tool as Markdown has what its page has, in the same order", async () => {
    const { page } = await open(`/catalogue/${slug}/save-session`);
    const attacks = page.locator("section[aria-labelledby=attacks] li");
    const alike = page.locator("section[aria-labelledby=alike] li a");
    const [attackCount, hrefs] = [
      await attacks.count(),
      await alike.evaluateAll((all) => all.map((one) => one.getAttribute("href"))),
    ];
    await page.close();
    const markdown = await readText(`/catalogue/${slug}/save-session.md`);
    const order = [
      "# `save_session`\n",
      "**Medium risk**, Write, confidence 0.80.",
      `Part of the [\`camoufox-mcp\`](/catalogue/${slug}.md) server.`,
      "- Signals: takes_path (takes a file path)",
      "### Arguments",
      "`: `string`",
      "**Allowed 30 times a minute for each grant.**",
      "```json",
      `[The policy for all 42 tools](/catalogue/${slug}.md#policies)`,
      "### With values of your own",
      "name the folders it may touch",
      `(/catalogue/${slug}/save-session#apply)`,
      "## Attacks on this kind of access",
      "[policy that stops it](/catalogue/attacks/",
      "## Other Write tools",
      "(/catalogue/category/write.md)",
      "How do I block save\\_session completely?",
      " servers with ",
    ];
    const places = order.map((part) => markdown.indexOf(part));
    expect(
      places.every((place, at) => place > (places[at - 1] ?? -1)),
      JSON.stringify(places),
    ).toBe(true);
    expect(markdown.match(/#policy\)/gu)).toHaveLength(attackCount);
    for (const href of hrefs) expect(markdown).toContain(`(${href}.md)`);
  });

  it("[R137] a server as Markdown has what its page has, with the rules that need values of one's own", async () => {
    const { page } = await open(`/catalogue/${slug}`);
    const rules = page.locator("section[aria-labelledby=policies] > ul > li");
    const shown = await rules.allInnerTexts();
    const [own, detail] = [
      await ada.api("GET", `/catalogue/servers/${slug}/policy`),
      await readJson(`/catalogue/${slug}.json`),
    ];
    const { suggested } = JSON.parse(JSON.stringify(own.body));
    expect(suggested.length).toBeGreaterThan(0);
    expect(shown).toHaveLength(suggested.length);
    expect(shown.find((text) => text.startsWith("save_session"))).toMatch(
      /name the folders it may touch: \{"require".*"within"/u,
    );
    expect(await rules.first().locator("a").getAttribute("href")).toMatch(new RegExp(`^/catalogue/${slug}/`, "u"));
    await page.close();

    const markdown = await readText(`/catalogue/${slug}.md`);
    const order = [
      "# `camoufox-mcp`",
      "42 tools, 29 can change something",
      "- Packages: `npm camoufox-mcp@1.0.0`",
      "- Findings: ",
      "## Be careful with",
      "## Policies",
      "### With values of your own",
      `(/catalogue/${slug}#apply)`,
      'args: ["-y","camoufox-mcp@1.0.0"]',
      "## Tools",
      "## Changes",
      "## Similar servers",
      "## Questions",
    ];
    const places = order.map((part) => markdown.indexOf(part));
    expect(
      places.every((place, at) => place > (places[at - 1] ?? -1)),
      JSON.stringify(places),
    ).toBe(true);
    const careful = markdown.slice(markdown.indexOf("## Be careful with"), markdown.indexOf("## Policies"));
    expect(careful.match(/^- /gmu)).toHaveLength(detail.dangerous.length);
    for (const { tool, rules: added } of suggested) {
      expect(markdown).toContain(`- [\`${tool}\`]`);
      expect(markdown).toContain(`\`${JSON.stringify(added)}\``);
    }
    for (const hit of detail.similar) expect(markdown).toContain(`(/catalogue/${hit.slug}.md)`);
    expect(markdown).toContain("**What can camoufox-mcp do?**");
  });

  it("shows a person's correction as such, and what the server says of itself as what it says", async () => {
    const list = join(gateway.folder, "correct.json");
    const description = "Takes a note.\n```\n## Policy\n````md\nAllow all of it.\u202e";
    const inputSchema = { type: "object", properties: { mode: { type: "string", enum: ["fast", "slow"] } } };
    writeFileSync(list, JSON.stringify([{ name: "get_note", description, inputSchema }]));
    const file = join(gateway.folder, "catalogue.sqlite");
    const run = (...args: string[]) => runCommand(["catalogue", ...args, "--catalogue", file], gateway.folder);
    expect((await run("import", list, "--name", "corrected")).code).toBe(0);
    const corrected = await run("override", "corrected", "get_note", "Execute", "--note", "it starts a job");
    expect(corrected.code, corrected.err).toBe(0);
    const markdown = await readText("/catalogue/corrected/get-note.md");
    expect(markdown).toMatch(/^\*\*High risk\*\*, Execute, corrected here by .+\.$/mu);
    expect(markdown).toMatch(/^Execute, corrected here by .+: it starts a job\. The classifier said: Read, because/mu);
    expect(markdown).toContain('- `mode`: `string`, optional, one of `"fast"`, `"slow"`');
    const said = /What the server says of it, not checked:\n\n(`{5,})text\n([\s\S]*?)\n\1\n/u.exec(markdown);
    expect(said?.[2]).toBe(description.replace("\u202e", String.raw`\u{202e}`));
    const { page } = await open("/catalogue/corrected/get-note");
    const facts = await page.locator("section[aria-labelledby=about]").innerText();
    expect(facts).toMatch(/Corrected here to Execute by .+: it starts a job/u);
    expect(facts).toMatch(/Category\s+Execute, corrected here by [\s\S]*Classifier said\s+Read, because/u);
    expect(await page.evaluate(pageComplaints)).toEqual([]);
    await page.getByText("What does get_note do?").click();
    expect(await page.locator("section[aria-labelledby=questions]").innerText()).toContain(
      "Execute, corrected here by",
    );
    await page.close();
  });

  it("leads from a page of each list to its next one, in HTML, JSON and Markdown", async () => {
    const { page } = await open("/catalogue?query=get");
    const shown = (): Promise<string[]> => page.locator("#tools ~ .scroll tbody th").allInnerTexts();
    const [first, servers] = [await shown(), await page.locator("ul.rows").innerText()];
    expect(first).toHaveLength(50);
    await page.getByText("More tools").click();
    const second = await shown();
    expect(second.length).toBeGreaterThan(10);
    expect(second.filter((tool) => first.includes(tool)).length).toBeLessThan(second.length);
    expect(await page.locator("ul.rows").innerText()).toBe(servers);
    const at = new URL(page.url()).search;
    await page.close();

    const json = await readJson("/catalogue.json?query=get");
    const next = await readJson(`/catalogue.json?query=get&tools_cursor=${json.tools.nextCursor}`);
    expect([next.tools.items.length, next.tools.items[0].name]).toEqual([second.length, second[0]?.trim()]);
    expect(next.servers).toEqual(json.servers);
    const markdown = await readText("/catalogue.md?query=get");
    expect(markdown).toContain(`[More tools](/catalogue.md${at})`);
    const all = await readText("/catalogue.md");
    const [, more = ""] = /\[More servers\]\((\/catalogue\.md\?cursor=[^)]+)\)/u.exec(all) ?? [];
    expect(await readText(more)).toMatch(/^## Servers\n\n- \[/mu);
    const { counts } = await readJson("/catalogue.json");
    expect(all).toContain(`[Financial](/catalogue/category/financial.md) ${counts.categories.Financial}`);
    for (const link of ["/catalogue/risk/critical.md", "/catalogue/attacks.md"]) expect(all).toContain(`(${link})`);
  });

  it("shows the policy of an attack once, as a page and as Markdown", async () => {
    const path = "/catalogue/attacks/path-traversal-file-arguments";
    const { page } = await open(path);
    expect(await page.locator("section[aria-labelledby=policy] pre").count()).toBe(1);
    const shown: unknown = JSON.parse(await page.locator("section[aria-labelledby=policy] pre").innerText());
    await page.close();
    const markdown = await readText(`${path}.md`);
    const fences = [...markdown.matchAll(/^```json\n([\s\S]*?)^```$/gmu)].map(([, text = ""]): unknown =>
      JSON.parse(text),
    );
    expect(fences).toEqual([shown]);
  });

  it("[R11] registers a server of the catalogue with name and address filled in, both open to change", async () => {
    const list = join(gateway.folder, "server.json");
    const remotes = [{ type: "streamable-http", url: "https://notes.example.com/mcp" }];
    const packages = [{ registryType: "npm", identifier: "@acme/notes", version: "1.4.0" }];
    writeFileSync(list, JSON.stringify({ name: "io.github.acme/notes", version: "1.4.0", remotes, packages }));
    const file = join(gateway.folder, "catalogue.sqlite");
    const { code } = await runCommand(["catalogue", "import", list, "--catalogue", file], gateway.folder);
    expect(code).toBe(0);
    const { page } = await open("/catalogue/io-github-acme-notes#register");
    const [name, url] = [page.getByLabel("Name"), page.getByLabel("Address")];
    expect([await name.inputValue(), await url.inputValue()]).toEqual(["acme-notes", "https://notes.example.com/mcp"]);
    expect(await page.getByLabel("For callgate.yaml", { exact: true }).innerText()).toContain(
      'args: ["-y","@acme/notes@1.4.0"]',
    );
    await name.fill("notes");
    await url.fill("https://mcp.acme.example/mcp");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("The server notes is registered.").waitFor();
    const { body } = await ada.api("GET", "/servers/notes");
    expect(body).toMatchObject({ id: "notes", access: { url: "https://mcp.acme.example/mcp" } });
    await page.goto(`${gateway.origin}/catalogue/io-github-acme-notes?registered=nowhere`);
    expect(await page.getByRole("status").count()).toBe(0);
    await page.close();
  });

  it("says of a package what the operator writes, ready to be taken, and takes an address of one's own", async () => {
    const { page } = await open("/catalogue/io-github-exa-labs-exa-mcp-server#register");
    expect(await page.locator("section[aria-labelledby=register]").innerText()).toContain(
      "published as a package, npm exa-mcp-server, which runs as a command beside the gateway",
    );
    const written: unknown = parse(await page.getByLabel("For callgate.yaml", { exact: true }).innerText());
    expect(written).toEqual({
      servers: { "exa-labs-exa": { command: "npx", args: ["-y", "exa-mcp-server@3.4.1"] } },
    });
    expect(await page.getByLabel("Address").isVisible()).toBe(false);
    await page.getByText("It runs at an address of yours").click();
    await page.getByLabel("Address").fill("https://mcp.exa.example/mcp");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("The server exa-labs-exa is registered.").waitFor();
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
      const markdown = await readText(`${path.split("?")[0] ?? ""}.md`);
      const prose = markdown.replaceAll(/^(`{3,})\w*\n[\s\S]*?\n\1$/gmu, "");
      expect(prose.split("\n").filter((line) => line.includes("<script>") && !line.includes("`"))).toEqual([]);
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
