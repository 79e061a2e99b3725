import { apiServers } from "./preset-apis.ts";
import { databaseServers } from "./preset-databases.ts";
import { localServers } from "./preset-local.ts";
import type { Prepare } from "./preset-server.ts";

/** Every real server that the balanced preset is tried with, by name. */
export const presetServers: ReadonlyMap<string, Prepare> = new Map([
  ...Object.entries(localServers),
  ...Object.entries(databaseServers),
  ...Object.entries(apiServers),
]);

/** Those whose package takes long to fetch, or that need a database's program: too much for each change. */
export const largeServers: ReadonlySet<string> = new Set([
  ...Object.keys(databaseServers),
  "apify",
  "camoufox-mcp-server",
  "circleci",
  "datadog",
  "dbhub",
  "desktop-commander",
  "exa",
  "figma",
  "firecrawl",
  "gmail",
  "mongodb",
  "n8n",
  "salesforce",
]);
