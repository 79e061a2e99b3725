import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { isObject, type JsonValue, ownMember } from "../values/json.ts";
import { type ClientFile, clientFiles, type Places } from "./client-files.ts";
import { type ConfiguredServer, readConfiguredServers } from "./configured-server.ts";
import { readJsonc } from "./jsonc.ts";
import { readPlainFile } from "./read-plain-file.ts";
import { readToml } from "./toml.ts";
import { isWithin } from "./within.ts";

/** A server in a client's configuration, and where it stands. */
export interface FoundServer extends ConfiguredServer {
  readonly client: string;
  /** `local`: the user's own file, for this project alone. */
  readonly scope: "project" | "user" | "local";
  readonly file: string;
}

/** What the configurations of this machine and of a project hold. */
export interface FoundServers {
  readonly servers: readonly FoundServer[];
  /** Files that are there and could not be read. */
  readonly unread: readonly { readonly client: string; readonly file: string; readonly reason: string }[];
}

/** Clients keep other things in the user's own files, so these may be large; a project's come from whoever wrote it. */
const userFileBytesMax = 64 * 1024 * 1024;
const projectFileBytesMax = 1024 * 1024;
/** YAML takes its reader a hundred times as long as JSON. */
const yamlBytesMax = 64 * 1024;
/** Of a folder that clients read whole. */
const filesMax = 20;

/**
 * Looks into every file that clients read their servers from. Reads only; nothing is started, expanded or sent. What is
 * wrong with a file is said of that file, and the others are read.
 */
export function findServers(places: Places): FoundServers {
  const servers: FoundServer[] = [];
  const unread: { client: string; file: string; reason: string }[] = [];
  for (const listed of clientFiles(places)) {
    const { client } = listed;
    const files = filesOf(listed.file);
    for (const file of files.slice(0, filesMax)) {
      const found = readClientFile({ ...listed, file }, places.project);
      if (typeof found === "string") unread.push({ client, file, reason: found });
      else servers.push(...found);
    }
    const [over] = files.slice(filesMax);
    if (over !== undefined) unread.push({ client, file: over, reason: `over ${filesMax} files are in its folder` });
  }
  return { servers, unread };
}

/** The servers of one file, none when it is not there; or why it could not be read. */
export function readClientFile(
  { client, scope, file, format, key }: ClientFile,
  project: string,
): readonly FoundServer[] | string {
  const written = /\.jsonc?$/iu.test(file) ? "json" : format;
  if (scope === "project" && !isInside(file, project)) return "it is a link out of the project";
  const [ofProject, ofUser] =
    written === "yaml" ? [yamlBytesMax, projectFileBytesMax] : [projectFileBytesMax, userFileBytesMax];
  const text = readPlainFile(file, scope === "project" ? ofProject : ofUser);
  if (text.kind === "absent") return [];
  if (text.kind === "fault") return text.reason;
  const value = valueOf(text.text, written);
  if (value === undefined) return `it is no ${format === "json" ? "JSON" : format.toUpperCase()} that can be read`;
  const place = { client, file } as const;
  const listed = readConfiguredServers(memberAt(value, key), client).map((server) => ({ ...server, ...place, scope }));
  if (client !== "claude-code" || scope !== "user") return listed;
  const local = readConfiguredServers(memberAt(value, ["projects", project, "mcpServers"]), client);
  return [...listed, ...local.map((server) => ({ ...server, ...place, scope: "local" as const }))];
}

/** Keys under which one client or another keeps its servers. */
const knownKeys = ["mcpServers", "servers", "mcp_servers", "context_servers", "mcp", "extensions"] as const;

/** The servers of a file that the user names, whose client is not told: every key that clients use. Or why it cannot be read. */
export function readAnyConfiguration(file: string, project: string): readonly FoundServer[] | string {
  const format = /\.toml$/iu.test(file) ? "toml" : /\.ya?ml$/iu.test(file) ? "yaml" : "json";
  if (!existsSync(file)) return "it is not there";
  for (const key of knownKeys) {
    const client = key === "mcp_servers" ? "codex" : "unknown";
    const found = readClientFile({ client, scope: "user", file, format, key: [key] }, project);
    if (typeof found === "string" || found.length > 0) return found;
  }
  return "it holds no servers: looked for `mcpServers`, `servers`, `mcp_servers`, `context_servers`, `mcp`, `extensions`";
}

function filesOf(file: string): readonly string[] {
  if (!file.endsWith("*")) return [file];
  const folder = dirname(file);
  try {
    return readdirSync(folder)
      .filter((name) => /\.(?:jsonc?|ya?ml)$/iu.test(name))
      .toSorted()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function isInside(file: string, folder: string): boolean {
  try {
    return isWithin(file, folder);
  } catch {
    // A link that leads nowhere, or to itself: reading it says what is wrong.
    return true;
  }
}

/** Keys are not compared with each other, which takes the square of their number; the last of several counts. */
const yamlOptions = {
  schema: "core",
  maxAliasCount: 100,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: "error",
} as const;

function valueOf(text: string, format: ClientFile["format"]): JsonValue | undefined {
  if (text.trim() === "") return {};
  if (format === "json") return readJsonc(text);
  if (format === "toml") return readToml(text);
  try {
    // Through text, so that what YAML can hold and JSON cannot is gone.
    const value: JsonValue = JSON.parse(JSON.stringify(parse(text, yamlOptions) ?? {}));
    return value;
  } catch {
    return undefined;
  }
}

function memberAt(value: JsonValue, keys: readonly string[]): JsonValue | undefined {
  let member: JsonValue | undefined = value;
  for (const key of keys) member = isObject(member) ? ownMember(member, key) : undefined;
  return member;
}
