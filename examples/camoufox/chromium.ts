import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { say } from "./say.ts";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The path of a Chromium or Chrome on this machine, or undefined. `CALLGATE_DEMO_CHROMIUM` goes first. */
function findChromium(): string | undefined {
  const named = process.env["CALLGATE_DEMO_CHROMIUM"];
  if (named !== undefined) return existsSync(named) ? named : undefined;
  return places.find((place) => existsSync(place));
}

function aptGet(...words: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", words, { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

/**
 * The path of a Chromium on this machine. Installs Debian's package when there is none, apt-get is there and we are
 * root; throws an Error that says what to do otherwise.
 */
export function ensureChromium(): string {
  const found = findChromium();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    say("Installing Debian's chromium package (apt-get install chromium; about 100 MB, once)");
    aptGet("update");
    const isInstalled = aptGet("install", "-y", "--no-install-recommends", "chromium");
    const installed = findChromium();
    if (isInstalled && installed !== undefined) return installed;
    throw new Error("apt-get could not install chromium: see its lines above, install a Chromium and start again");
  }
  throw new Error(
    "no Chromium on this machine: install one (Debian, as root: `apt-get install chromium`), or name yours in `CALLGATE_DEMO_CHROMIUM`, and start again",
  );
}
