import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

interface Package {
  readonly name: string;
  readonly version: string;
  /** What is started or imported, inside the package. */
  readonly entry: string;
}

const officialVersion = "2026.8.31";

/** A package that somebody else publishes and Callgate is tried with. Never a dependency. */
export type PeerPackage =
  | "inspector"
  | "sdkV1"
  | "mcpRemote"
  | "mcporter"
  | "everything"
  | "filesystem"
  | "memory"
  | "sequentialThinking"
  | "context7"
  | "playwright"
  | "dbhub"
  | "apify"
  | "braveSearch"
  | "camoufoxMcpServer"
  | "chromeDevtools"
  | "circleci"
  | "codeRunner"
  | "datadog"
  | "desktopCommander"
  | "exa"
  | "figma"
  | "firecrawl"
  | "git"
  | "github"
  | "gitlab"
  | "gitlabZereight"
  | "gmail"
  | "googleMaps"
  | "hubspot"
  | "mcpCamoufox"
  | "mongodb"
  | "mysql"
  | "n8n"
  | "notion"
  | "postgres"
  | "puppeteer"
  | "redis"
  | "salesforce"
  | "sentry"
  | "shortcut"
  | "slack"
  | "slackKorotovsky"
  | "supabase"
  | "tavily";

const packages: Readonly<Record<PeerPackage, Package>> = {
  inspector: {
    name: "@modelcontextprotocol/inspector",
    version: "2.12.0",
    entry: "clients/launcher/build/index.js",
  },
  sdkV1: { name: "@modelcontextprotocol/sdk", version: "1.32.2", entry: "dist/esm/client" },
  mcpRemote: { name: "mcp-remote", version: "0.15.1", entry: "dist/proxy.js" },
  mcporter: { name: "mcporter", version: "0.12.3", entry: "dist/cli.js" },
  everything: { name: "@modelcontextprotocol/server-everything", version: officialVersion, entry: "dist/index.js" },
  filesystem: { name: "@modelcontextprotocol/server-filesystem", version: officialVersion, entry: "dist/index.js" },
  memory: { name: "@modelcontextprotocol/server-memory", version: officialVersion, entry: "dist/index.js" },
  sequentialThinking: {
    name: "@modelcontextprotocol/server-sequential-thinking",
    version: officialVersion,
    entry: "dist/index.js",
  },
  context7: { name: "@upstash/context7-mcp", version: "4.1.1", entry: "dist/index.js" },
  playwright: { name: "@playwright/mcp", version: "0.0.83", entry: "cli.js" },
  dbhub: { name: "@bytebase/dbhub", version: "1.4.0", entry: "dist/index.js" },
  apify: { name: "@apify/actors-mcp-server", version: "0.10.6", entry: "dist/stdio.js" },
  braveSearch: { name: "@modelcontextprotocol/server-brave-search", version: "0.6.2", entry: "dist/index.js" },
  camoufoxMcpServer: { name: "camoufox-mcp-server", version: "2.5.0", entry: "dist/index.js" },
  chromeDevtools: { name: "chrome-devtools-mcp", version: "1.11.0", entry: "build/src/bin/chrome-devtools-mcp.js" },
  circleci: { name: "@circleci/mcp-server-circleci", version: "0.20.0", entry: "dist/index.js" },
  codeRunner: { name: "mcp-server-code-runner", version: "0.1.8", entry: "dist/cli.js" },
  datadog: { name: "@winor30/mcp-server-datadog", version: "1.8.0", entry: "build/index.js" },
  desktopCommander: { name: "@wonderwhy-er/desktop-commander", version: "0.2.52", entry: "dist/index.js" },
  exa: { name: "exa-mcp-server", version: "3.4.1", entry: "dist/stdio.cjs" },
  figma: { name: "figma-developer-mcp", version: "0.13.2", entry: "dist/bin.js" },
  firecrawl: { name: "firecrawl-mcp", version: "3.22.2", entry: "dist/index.js" },
  git: { name: "@cyanheads/git-mcp-server", version: "2.15.3", entry: "dist/index.js" },
  github: { name: "@modelcontextprotocol/server-github", version: "2025.4.8", entry: "dist/index.js" },
  gitlab: { name: "@modelcontextprotocol/server-gitlab", version: "2025.4.25", entry: "dist/index.js" },
  gitlabZereight: { name: "@zereight/mcp-gitlab", version: "2.1.64", entry: "build/index.js" },
  gmail: { name: "@gongrzhe/server-gmail-autoauth-mcp", version: "1.1.11", entry: "dist/index.js" },
  googleMaps: { name: "@modelcontextprotocol/server-google-maps", version: "0.6.2", entry: "dist/index.js" },
  hubspot: { name: "@hubspot/mcp-server", version: "0.4.0", entry: "dist/index.js" },
  mcpCamoufox: { name: "mcp-camoufox", version: "0.11.1", entry: "dist/index.js" },
  mongodb: { name: "mongodb-mcp-server", version: "3.0.4", entry: "dist/esm/index.js" },
  mysql: { name: "@benborla29/mcp-server-mysql", version: "2.0.9", entry: "dist/index.js" },
  n8n: { name: "n8n-mcp", version: "2.87.0", entry: "dist/mcp/stdio-wrapper.js" },
  notion: { name: "@notionhq/notion-mcp-server", version: "2.5.2", entry: "bin/cli.mjs" },
  postgres: { name: "@modelcontextprotocol/server-postgres", version: "0.6.2", entry: "dist/index.js" },
  puppeteer: { name: "@modelcontextprotocol/server-puppeteer", version: "2025.5.12", entry: "dist/index.js" },
  redis: { name: "@modelcontextprotocol/server-redis", version: "2025.4.25", entry: "dist/index.js" },
  salesforce: { name: "@salesforce/mcp", version: "0.30.15", entry: "bin/run.js" },
  sentry: { name: "@sentry/mcp-server", version: "0.36.0", entry: "dist/index.js" },
  shortcut: { name: "@shortcut/mcp", version: "0.25.0", entry: "dist/index.js" },
  slack: { name: "@modelcontextprotocol/server-slack", version: "2025.4.25", entry: "dist/index.js" },
  slackKorotovsky: { name: "slack-mcp-server", version: "1.3.0", entry: "bin/index.js" },
  supabase: { name: "@supabase/mcp-server-supabase", version: "0.13.0", entry: "dist/cli.js" },
  tavily: { name: "tavily-mcp", version: "0.2.22", entry: "build/index.js" },
};

const peersFolder = fileURLToPath(new URL("../../.peers", import.meta.url));

const manifestSchema = z.object({ version: z.string() });

/**
 * The path of a package's entry. Fetches the package with npm on first use, in that one version, into a folder of its
 * own below `.peers`; throws when npm cannot.
 */
export function ensurePackage(peer: PeerPackage): string {
  const { name, version, entry } = packages[peer];
  const prefix = join(peersFolder, `${name.split("/").at(-1)}-${version}`);
  const folder = join(prefix, "node_modules", ...name.split("/"));
  if (!isInstalled(folder, version)) {
    // Test files run side by side: each fetches on its own, and the first to be done stays.
    const own = `${prefix}.${process.pid}`;
    install(own, `${name}@${version}`);
    putInPlace(own, prefix, () => isInstalled(folder, version));
  }
  return join(folder, entry);
}

function putInPlace(own: string, prefix: string, isThere: () => boolean): void {
  try {
    renameSync(own, prefix);
  } catch {
    // Somebody was faster, or left half a package behind.
    if (isThere()) return rmSync(own, { recursive: true, force: true });
    rmSync(prefix, { recursive: true, force: true });
    renameSync(own, prefix);
  }
}

function isInstalled(folder: string, version: string): boolean {
  const manifest = join(folder, "package.json");
  return existsSync(manifest) && manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8"))).version === version;
}

function install(prefix: string, specifier: string): void {
  mkdirSync(prefix, { recursive: true });
  const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-fund", "--no-audit"];
  const result = spawnSync("npm", ["install", "--prefix", prefix, ...flags, specifier], {
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status === 0) return;
  rmSync(prefix, { recursive: true, force: true });
  throw new Error(`could not fetch ${specifier} (npm exit code ${result.status})`);
}
