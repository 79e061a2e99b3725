import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { ensureChromium } from "../../examples/camoufox/chromium.ts";
import { closeLater } from "./opened.ts";

/** Whether there is a browser; where there is none and none can be installed, that is said. */
export const hasChromium: boolean = ((): boolean => {
  try {
    return ensureChromium() !== "";
  } catch (error) {
    console.warn(`NOTHING IS TRIED IN A BROWSER: ${String(error)}`);
    return false;
  }
})();

let browser: Promise<Browser> | undefined;

/** A browser of its own, with no cookies: Debian's chromium without a window. Ended by `closeAll`. */
export async function openChromium(): Promise<BrowserContext> {
  browser ??= launch();
  const context = await (await browser).newContext();
  closeLater(() => context.close());
  return context;
}

async function launch(): Promise<Browser> {
  const launched = await chromium.launch({
    executablePath: process.env["CALLGATE_CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  closeLater(async () => {
    browser = undefined;
    await launched.close();
  });
  return launched;
}
