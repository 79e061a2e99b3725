import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureChromium } from "./chromium.ts";
import { say } from "./say.ts";

const version = "1.0.0";
const standIn = join(dirname(fileURLToPath(import.meta.url)), "stand-in");

/** Where camoufox-js asks for releases of Camoufox's own browser. */
const downloadHost = "https://api.github.com/repos/daijro/camoufox/releases?per_page=1";
const downloadHostTimeoutMs = 4000;

/** Which browser the server drives: `camoufox` is its own, `chromium` this machine's through the stand-in. */
export type BrowserKind = "camoufox" | "chromium";

/** camoufox-mcp, installed and ready to be started over stdio. */
export interface InstalledServer {
  readonly browser: BrowserKind;
  readonly command: string;
  readonly args: readonly string[];
  /** Everything the server gets to see of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

async function doesDownloadHostAnswer(): Promise<boolean> {
  try {
    const answer = await fetch(downloadHost, { signal: AbortSignal.timeout(downloadHostTimeoutMs) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Whether this machine has the library without which Camoufox's browser, a Firefox, does not start on Linux. */
function hasFirefoxLibraries(): boolean {
  if (process.platform !== "linux") return true;
  const listed = spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" });
  return listed.status !== 0 || listed.stdout.includes("libgtk-3.so.0");
}

/** Why the server cannot have its own browser here, or undefined; takes at most four seconds. */
export async function whyNotCamoufox(): Promise<string | undefined> {
  if (!hasFirefoxLibraries()) return "it needs GTK 3, which this machine lacks";
  return (await doesDownloadHostAnswer()) ? undefined : "it cannot be downloaded from here";
}

function run(what: string, command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): void {
  const isWindows = process.platform === "win32";
  const result = spawnSync(command, args, { cwd, env, stdio: ["ignore", 2, 2], shell: isWindows });
  if (result.status === 0) return;
  throw new Error(`${what} failed (${result.error?.message ?? `exit code ${result.status}`}): see the lines above`);
}

function installPackages(folder: string, browser: BrowserKind): void {
  const stamp = join(folder, `.installed-${version}-${browser}`);
  if (existsSync(stamp)) return;
  say(`Installing camoufox-mcp@${version} from npm into ${folder} (some 100 packages, once)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const dependencies: Record<string, string> = { "camoufox-mcp": version };
  if (browser === "chromium") dependencies["camoufox-js"] = `file:${standIn}`;
  const overrides = browser === "chromium" ? { "camoufox-js": "$camoufox-js" } : {};
  const manifest = { private: true, dependencies, overrides };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const flags = ["--install-links", "--no-fund", "--no-audit", "--loglevel=error"];
  // Camoufox's own launcher has a native module that its install script fetches; the stand-in needs no script.
  if (browser === "chromium") flags.push("--ignore-scripts");
  run("npm install", "npm", ["install", ...flags], folder, process.env);
  writeFileSync(stamp, "");
}

/**
 * Installs camoufox-mcp into `folder`, whose content belongs to this function, and gives it a HOME of its own there.
 * Throws an Error with a message for people when npm, apt-get or the browser's download fails.
 */
export function installServer(folder: string, browser: BrowserKind): InstalledServer {
  installPackages(folder, browser);
  const home = join(folder, "home");
  const browserFolder = join(home, ".cache", "camoufox");
  mkdirSync(browserFolder, { recursive: true });
  const settings = join(folder, "settings.json");
  writeFileSync(settings, `${JSON.stringify({ browser: { headless: true } })}\n`);
  const env: Record<string, string> = {
    HOME: home,
    PATH: process.env["PATH"] ?? "",
    CAMOUFOX_MCP_CONFIG: settings,
  };
  if (browser === "chromium") {
    env["CALLGATE_DEMO_CHROMIUM"] = ensureChromium();
    // The server looks for its browser here before it starts one, and would download it.
    writeFileSync(join(browserFolder, "camoufox-bin"), "");
  } else if (!existsSync(join(browserFolder, "camoufox-bin"))) {
    say("Downloading Camoufox's browser (some hundred MB, once)");
    const fetcher = join(folder, "node_modules", "camoufox-js", "dist", "__main__.js");
    run("the download of Camoufox's browser", process.execPath, [fetcher, "fetch"], folder, { ...process.env, ...env });
  }
  const entry = join(folder, "node_modules", "camoufox-mcp", "dist", "index.js");
  return { browser, command: process.execPath, args: [entry], env };
}
