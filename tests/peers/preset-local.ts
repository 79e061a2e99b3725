import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureChromium } from "../../examples/camoufox/chromium.ts";
import { installServer } from "../../examples/camoufox/install.ts";
import type { JsonObject } from "../kit/messages.ts";
import { closeLater } from "../kit/opened.ts";
import { startCanaryHost } from "./canary-host.ts";
import { ensurePackage } from "./packages.ts";
import type { Prepare, PresetServer, StrongestCall } from "./preset-server.ts";
import { sealed } from "./vendor.ts";
import { prepareServer, type RealServer } from "./servers.ts";

/** A server that other tests know, with its call that their policy denies: what the preset makes of it. */
function known(
  name: RealServer,
  strongest: (folder: string) => Pick<StrongestCall, "category" | "harmless" | "place">,
  read?: PresetServer["read"],
): Prepare {
  return async (folder) => {
    const server = await prepareServer(name, folder);
    const { command, args, env, allowed, denied } = server;
    return {
      command,
      args,
      env,
      read: read ?? allowed,
      strongest: {
        tool: denied.tool,
        args: denied.args,
        ...strongest(folder),
        isHarmed: () => server.isHarmed(),
      },
    };
  };
}

/** A browser that is led to a page which nobody but it asks for. */
async function navigation(tool: string, argsFor: (url: string) => JsonObject): Promise<StrongestCall> {
  const host = await startCanaryHost();
  return {
    tool,
    args: argsFor(`${host.origin}/secret`),
    harmless: argsFor("data:text/html,nothing"),
    category: "Execute",
    place: "host on loopback",
    isHarmed: () => host.asked().includes("/secret"),
  };
}

async function sequentialThinking(folder: string): Promise<PresetServer> {
  const { command, args, env, allowed } = await prepareServer("sequential-thinking", folder);
  return { command, args, env, read: { ...allowed, answer: "thoughtHistoryLength" }, strongest: undefined };
}

async function camoufoxMcp(): Promise<PresetServer> {
  const folder = fileURLToPath(new URL("../../.peers/camoufox-mcp", import.meta.url));
  const { command, args, env } = installServer(folder, "chromium");
  return {
    command,
    args,
    env,
    read: { tool: "list_sessions", args: {}, answer: "[" },
    strongest: await navigation("new_page", (url) => ({ url })),
  };
}

async function mcpCamoufox(folder: string): Promise<PresetServer> {
  const profile = join(folder, ".camoufox-mcp", "profile");
  mkdirSync(profile, { recursive: true });
  return {
    command: process.execPath,
    args: [ensurePackage("mcpCamoufox")],
    env: { HOME: folder },
    read: { tool: "server_status", args: {}, answer: "browser" },
    strongest: {
      tool: "reset_profile",
      args: {},
      harmless: {},
      category: "Destructive",
      place: "profile on disk",
      isHarmed: () => !existsSync(profile),
    },
  };
}

async function camoufoxMcpServer(folder: string): Promise<PresetServer> {
  return {
    command: process.execPath,
    args: [ensurePackage("camoufoxMcpServer")],
    env: { HOME: folder },
    read: { tool: "camoufox_status", args: {}, answer: "2.5.0" },
    // Its own browser is a large download, and without it the call has no effect.
    strongest: {
      tool: "browse_sequence",
      args: { url: "https://other.example", actions: [] },
      harmless: { url: "https://one.example", actions: [] },
      category: "Execute",
      place: "server's input",
      isHarmed: undefined,
    },
  };
}

async function puppeteer(folder: string): Promise<PresetServer> {
  const launch = { headless: true, executablePath: ensureChromium(), args: ["--no-sandbox"] };
  return {
    command: process.execPath,
    args: [ensurePackage("puppeteer")],
    env: { HOME: folder, ALLOW_DANGEROUS: "true", PUPPETEER_LAUNCH_OPTIONS: JSON.stringify(launch) },
    read: { tool: "puppeteer_screenshot", args: { name: "page" }, answer: "Screenshot 'page' taken" },
    strongest: await navigation("puppeteer_navigate", (url) => ({ url })),
  };
}

async function chromeDevtools(folder: string): Promise<PresetServer> {
  const flags = ["--headless", "--isolated", "--executablePath", ensureChromium(), "--chromeArg=--no-sandbox"];
  return {
    command: process.execPath,
    args: [ensurePackage("chromeDevtools"), ...flags],
    env: {
      HOME: folder,
      CHROME_DEVTOOLS_MCP_NO_UPDATE_CHECKS: "1",
      CHROME_DEVTOOLS_MCP_NO_USAGE_STATISTICS: "1",
    },
    read: { tool: "list_pages", args: {}, answer: "data:text/html,nothing" },
    strongest: await navigation("navigate_page", (url) => ({ pageId: 1, type: "url", url })),
  };
}

async function desktopCommander(folder: string): Promise<PresetServer> {
  const settings = join(folder, ".claude-server-commander");
  mkdirSync(settings);
  writeFileSync(
    join(settings, "config.json"),
    JSON.stringify({ telemetryEnabled: false, allowedDirectories: [folder] }),
  );
  writeFileSync(join(folder, "notes.txt"), "");
  const victim = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  closeLater(() => void victim.kill("SIGKILL"));
  return {
    command: process.execPath,
    args: [ensurePackage("desktopCommander")],
    env: { HOME: folder, ...sealed },
    read: { tool: "list_directory", args: { path: folder }, answer: "notes.txt" },
    strongest: {
      tool: "kill_process",
      args: { pid: victim.pid },
      harmless: {},
      category: "Destructive",
      place: "process",
      isHarmed: () => victim.signalCode !== null,
    },
  };
}

async function git(folder: string): Promise<PresetServer> {
  const [repository, file] = [join(folder, "repository"), join(folder, "repository", "notes.txt")];
  const run = (...words: readonly string[]): void => {
    const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
    const { status, stderr } = spawnSync("git", [...who, ...words], { cwd: repository, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  };
  mkdirSync(repository);
  writeFileSync(file, "first\n");
  run("init", "--quiet");
  run("add", "notes.txt");
  run("commit", "--quiet", "--message", "first");
  writeFileSync(file, "not committed yet\n");
  return {
    command: process.execPath,
    args: [ensurePackage("git")],
    env: {
      HOME: folder,
      GIT_BASE_DIR: folder,
      MCP_TRANSPORT_TYPE: "stdio",
      MCP_LOG_LEVEL: "error",
      OTEL_ENABLED: "",
    },
    read: { tool: "git_status", args: { path: repository }, answer: "notes.txt" },
    strongest: {
      tool: "git_reset",
      args: { path: repository, mode: "hard", confirmed: true },
      harmless: {},
      category: "Destructive",
      place: "work tree",
      isHarmed: () => readFileSync(file, "utf8") === "first\n",
    },
  };
}

async function codeRunner(folder: string): Promise<PresetServer> {
  const trace = join(folder, "trace");
  return {
    command: process.execPath,
    args: [ensurePackage("codeRunner")],
    env: { HOME: folder },
    read: { tool: "run-code", args: { languageId: "javascript", code: "console.log(6 * 7)" }, answer: "42" },
    strongest: {
      tool: "run-code",
      args: { languageId: "javascript", code: `require("fs").writeFileSync(${JSON.stringify(trace)}, "")` },
      harmless: { languageId: "javascript", code: "1" },
      category: "Execute",
      place: "file system",
      isHarmed: () => existsSync(trace),
    },
  };
}

async function salesforce(folder: string): Promise<PresetServer> {
  return {
    command: process.execPath,
    args: [ensurePackage("salesforce"), "--orgs", "DEFAULT_TARGET_ORG", "--toolsets", "all", "--no-telemetry"],
    env: { HOME: folder, SF_DISABLE_TELEMETRY: "true" },
    read: { tool: "list_all_orgs", args: { directory: folder }, answer: "orgs" },
    // Without an account there is nothing to deploy to.
    strongest: {
      tool: "deploy_metadata",
      args: { usernameOrAlias: "other", directory: folder },
      harmless: { usernameOrAlias: "one", directory: folder },
      category: "Execute",
      place: "server's input",
      isHarmed: undefined,
    },
  };
}

/** Servers of this machine's files, processes and browsers, by name. */
export const localServers: Readonly<Record<string, Prepare>> = {
  memory: known("memory", () => ({ category: "Destructive", harmless: {}, place: "memory file" })),
  filesystem: known("filesystem", (folder) => ({
    category: "Write",
    harmless: { path: join(folder, "draft.txt"), content: "draft" },
    place: "file system",
  })),
  everything: known("everything", () => ({
    category: "Write",
    harmless: { name: "text.gz", data: "data:text/plain,nothing" },
    place: "host on loopback",
  })),
  "sequential-thinking": sequentialThinking,
  dbhub: known(
    "dbhub",
    () => ({ category: "Execute", harmless: { sql: "SELECT name FROM customers" }, place: "SQLite database" }),
    { tool: "search_objects", args: { object_type: "table" }, answer: "customers" },
  ),
  git,
  "code-runner": codeRunner,
  "desktop-commander": desktopCommander,
  playwright: known(
    "playwright",
    () => ({ category: "Execute", harmless: { url: "data:text/html,nothing" }, place: "host on loopback" }),
    { tool: "browser_wait_for", args: { textGone: "nowhere" }, answer: "nowhere" },
  ),
  puppeteer,
  "chrome-devtools": chromeDevtools,
  "camoufox-mcp": camoufoxMcp,
  "mcp-camoufox": mcpCamoufox,
  "camoufox-mcp-server": camoufoxMcpServer,
  salesforce,
};
