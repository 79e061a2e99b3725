// Stands in for the npm package `camoufox-js`, where Camoufox's own browser cannot be downloaded: the same
// function, but the browser it starts is a Chromium that is already on the machine. camoufox-mcp itself is unchanged.
// Plain JavaScript: it is installed below node_modules, where Node.js does not strip types.
import { chromium } from "playwright-core";

/**
 * Starts a browser. `CALLGATE_DEMO_CHROMIUM` names the executable, `/usr/bin/chromium` without it.
 * @param {{ headless?: boolean }} options of camoufox-js; those that Chromium has no counterpart for do nothing
 * @returns {Promise<import("playwright-core").Browser>} the caller closes it
 */
export function Camoufox(options = {}) {
  // Chromium refuses its sandbox to root, which is who runs containers.
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: process.env.CALLGATE_DEMO_CHROMIUM ?? "/usr/bin/chromium",
    headless: options.headless !== false,
    args: isRoot ? ["--no-sandbox"] : [],
  });
}
