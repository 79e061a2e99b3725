import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BrowserContext, Page } from "playwright-core";
import { openBrowser, password, setupLink, textOf } from "../kit/browser-session.ts";
import { hasChromium, openChromium } from "../kit/chromium.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";

let gateway: ServeGateway;

beforeAll(async () => {
  gateway = await startServe({ policies: { all: { version: "1", default: "allow" } } });
});

afterAll(closeAll);

/** What a page says on its console when something is blocked or broken; kept for all pages of the test. */
const complaints: string[] = [];

async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.on("console", (message) => {
    // A refused form is answered with a status that the browser mentions.
    if (message.type() === "error" && !message.text().includes("the server responded with a status of 4")) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

/** Read in the page. As text: the types of this project know no browser. */
const lookAtPage = `({
  lang: document.documentElement.lang,
  headings: document.querySelectorAll("h1").length,
  nameless: [...document.querySelectorAll("input:not([type=hidden]), select")].filter((field) => field.labels.length === 0).length,
  isWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  scripts: document.scripts.length,
  styles: document.querySelectorAll("style, [style]").length,
})`;

const background = "getComputedStyle(document.body).backgroundColor";

/** What must hold of every page: a language, one heading, names of all fields, room on a narrow screen. */
async function expectAccessible(page: Page): Promise<void> {
  const found = await page.evaluate(lookAtPage);
  expect(found).toEqual({ lang: "en", headings: 1, nameless: 0, isWide: false, scripts: 0, styles: 0 });
  // The stylesheet was taken: a page without it is transparent.
  expect(await page.evaluate(background)).not.toBe("rgba(0, 0, 0, 0)");
}

describe.skipIf(!hasChromium)("the pages in a real browser", () => {
  it("lead from the setup link to an admin, an invitation, a member, and out again", async () => {
    const context = await openChromium();
    const page = await openPage(context);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(gateway.origin);
    expect(page.url()).toBe(`${gateway.origin}/sign-in`);
    expect(await page.textContent("h1")).toBe("Nobody is here yet");

    await page.goto((await setupLink(gateway)).href);
    await expectAccessible(page);
    const ada = { Organisation: "Engines <b>", "Your name": "Ada", "E-mail address": "ada@example.com" };
    await fill(page, { ...ada, Password: "too short" });
    await page.getByRole("button", { name: "Set up" }).click();
    expect(await page.getByRole("alert").textContent()).toContain("A password has at least 12 characters.");
    expect(await page.evaluate("document.activeElement.id")).toBe("password");
    await fill(page, { Password: password });
    await page.getByRole("button", { name: "Set up" }).click();
    await page.waitForURL(`${gateway.origin}/`);
    expect(await page.textContent("h1")).toBe("Engines <b>");
    await expectAccessible(page);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: "callgate", httpOnly: true, sameSite: "Strict", path: "/" });
    expect(await page.evaluate("document.cookie")).toBe("");

    await page.getByRole("link", { name: "Make an API token" }).click();
    await expectAccessible(page);
    await fill(page, { "What it is for": "a script" });
    await page.getByRole("button", { name: "Make a token" }).click();
    const token = (await page.textContent("#new-token")) ?? "";
    const authorization = `Bearer ${token}`;
    const invited = await openBrowser(gateway.origin).api(
      "POST",
      "/invitations",
      { role: "viewer" },
      { authorization },
    );

    const other = await openPage(await openChromium());
    await other.goto(textOf(invited.body, "url"));
    await expectAccessible(other);
    await fill(other, { "Your name": "Bob", "E-mail address": "bob@example.com", Password: password });
    await other.getByRole("button", { name: "Join" }).click();
    await other.waitForURL(`${gateway.origin}/`);
    expect(await other.textContent("main")).toContain("You are signed in as bob@example.com, viewer");

    await page.getByRole("button", { name: "End the token a script" }).click();
    expect(await page.textContent("main")).toContain("You have none.");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.waitForURL(`${gateway.origin}/sign-in`);
    // What a signed-out browser goes back to is asked for anew, and is not there.
    await page.goBack();
    await page.waitForURL(/\/sign-in/);
    await page.goto(`${gateway.origin}/account`);
    expect(page.url()).toBe(`${gateway.origin}/sign-in?next=/account`);
    await expectAccessible(page);
    await fill(page, { "E-mail address": "ada@example.com", Password: "a wrong password" });
    await page.getByRole("button", { name: "Sign in" }).click();
    expect(await page.getByRole("alert").textContent()).toContain("E-mail address or password is wrong.");
    await fill(page, { Password: password });
    await page.keyboard.press("Enter");
    await page.waitForURL(`${gateway.origin}/account`);
    expect(complaints).toEqual([]);
  });

  it("come back from another site with the session that is there", async () => {
    const context = await openChromium();
    const page = await openPage(context);
    await page.goto(`${gateway.origin}/sign-in`);
    await fill(page, { "E-mail address": "ada@example.com", Password: password });
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${gateway.origin}/`);
    // To a browser, `localhost` is another site than `127.0.0.1`.
    const elsewhere = gateway.origin.replace("127.0.0.1", "localhost");
    await page.goto(`${elsewhere}/sign-in`);
    await page.evaluate(`location.assign("${gateway.origin}/sign-in?next=/account")`);
    await page.waitForURL(`${gateway.origin}/account`);
    expect(await page.textContent("h1")).toBe("Ada");
  });

  it("are dark where people like it dark", async () => {
    const page = await openPage(await openChromium());
    const backgroundIn = async (colorScheme: "light" | "dark"): Promise<unknown> => {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${gateway.origin}/sign-in`);
      return page.evaluate(background);
    };
    expect(await backgroundIn("dark")).not.toBe(await backgroundIn("light"));
  });
});
