import type { Identity, PackageReference, ServerFacts } from "../../catalogue/server-record.ts";
import { bareAddress } from "../../clients/plain-address.ts";
import { isObject, type JsonObject, type JsonValue, ownMember } from "../../values/json.ts";
import {
  factsOf,
  type Imported,
  type ImportContext,
  type ImportedServer,
  objectsAt,
  textAt,
} from "./imported-server.ts";

/** How much of a title is kept, characters. */
const titleMax = 200;

const namePattern = /^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/u;

/** Pure. Whether a value looks like the MCP registry's `server.json` (schema 2025-12-11 and earlier ones). */
export function isRegistryServer(value: JsonValue | undefined): value is JsonObject {
  if (!isObject(value) || !namePattern.test(textAt(value, "name") ?? "")) return false;
  return ["packages", "remotes", "version", "$schema", "repository"].some((key) => ownMember(value, key) !== undefined);
}

/** Pure. A server of a `server.json`; what its inputs are called is read, what they hold is not. */
export function readRegistryServer(server: JsonObject, context: ImportContext): ImportedServer {
  const name = textAt(server, "name") ?? "";
  const packages = objectsAt(server, "packages");
  const remotes = objectsAt(server, "remotes");
  const description = textAt(server, "description");
  const repository = textAt(ownMember(server, "repository"), "url");
  const transports = [...packages.map((entry) => ownMember(entry, "transport")), ...remotes].flatMap(
    (entry) => textAt(entry, "type") ?? textAt(entry, "transport_type") ?? [],
  );
  const secrets = [...packages, ...remotes].flatMap((entry) =>
    ["environmentVariables", "environment_variables", "headers"]
      .flatMap((key) => objectsAt(entry, key))
      .filter((input) => input["isSecret"] === true || input["is_secret"] === true),
  );
  const facts: Partial<ServerFacts> = {
    registryName: name,
    ...(description === undefined ? {} : { description }),
    packages: packages.flatMap((entry) => packageOf(entry, textAt(server, "version")) ?? []),
    remotes: remotes.flatMap((entry) => bareAddress(textAt(entry, "url") ?? "") ?? []),
    ...(repository === undefined ? {} : { repository }),
    transport: [...new Set(transports)],
    identity: identityOf(name, repository, context.areNamesChecked),
    auth: secrets.some((input) => input["isRequired"] === true || input["is_required"] === true) ? "gated" : "unknown",
  };
  return {
    facts: factsOf((textAt(server, "title") ?? name).slice(0, titleMax), context, facts),
    tools: toolsOf(server),
  };
}

/** Pure. A page of the registry's list API: `{ servers: [{ server, _meta }], metadata }`, or the servers alone. */
export function readRegistryList(value: JsonObject, context: ImportContext): Imported {
  const entries = objectsAt(value, "servers").map((entry) => ({ entry, inner: ownMember(entry, "server") }));
  const servers = entries.flatMap(({ entry, inner }) => {
    const server = isRegistryServer(inner) ? inner : isRegistryServer(entry) ? entry : undefined;
    return server === undefined || !isCurrent(entry) ? [] : [readRegistryServer(server, context)];
  });
  const metadata = ownMember(value, "metadata");
  const nextCursor = textAt(metadata, "nextCursor") ?? textAt(metadata, "next_cursor");
  return { format: "registry list", servers, ...(nextCursor === undefined ? {} : { nextCursor }) };
}

/** Versions that another has replaced, and deleted ones, are left out. */
function isCurrent(entry: JsonObject): boolean {
  const meta = ownMember(entry, "_meta");
  const official = isObject(meta) ? ownMember(meta, "io.modelcontextprotocol.registry/official") : undefined;
  if (!isObject(official)) return true;
  return official["isLatest"] !== false && official["status"] !== "deleted";
}

function packageOf(entry: JsonObject, serverVersion: string | undefined): PackageReference | undefined {
  const registry = textAt(entry, "registryType") ?? textAt(entry, "registry_type") ?? textAt(entry, "registry_name");
  const identifier = textAt(entry, "identifier") ?? textAt(entry, "name");
  if (registry === undefined || identifier === undefined) return undefined;
  const [, name = identifier, tag] = registry === "oci" ? (/^(.+?)(?::([\w.-]+))?$/u.exec(identifier) ?? []) : [];
  const version = textAt(entry, "version") ?? tag ?? serverVersion;
  return { registry, name, ...(version === undefined ? {} : { version }) };
}

/** A registry may check who uses a name; a file, or somebody's list, only says it. */
function identityOf(name: string, repository: string | undefined, isChecked: boolean): Identity {
  const [space = ""] = name.split("/");
  if (!isChecked)
    return { level: "community", evidence: [`what was imported calls it \`${name}\`; nobody checked that here`] };
  const owner = /^io\.github\.(.+)$/u.exec(space)?.[1];
  if (owner === undefined)
    return {
      level: "official",
      evidence: [`the registry lets only the owner of the domain use the name space \`${space}\``],
    };
  const isTheirs = repository?.toLowerCase().includes(`github.com/${owner.toLowerCase()}/`) === true;
  const evidence = [`the registry lets only the GitHub account \`${owner}\` use the name space \`${space}\``];
  return { level: "verified", evidence: isTheirs ? [...evidence, "its repository is that account's"] : evidence };
}

/** Some catalogues put the list of tools into `_meta`, names alone or whole definitions. */
function toolsOf(server: JsonObject): ImportedServer["tools"] {
  const found = findTools(ownMember(server, "_meta"), 6);
  return found.length === 0 ? undefined : found;
}

function findTools(value: JsonValue | undefined, depth: number): readonly { readonly name: string }[] {
  if (!isObject(value) || depth === 0) return [];
  const definitions = readToolNames(ownMember(value, "tool_definitions"));
  const named = definitions.length > 0 ? definitions : readToolNames(ownMember(value, "tools"));
  return named.length > 0 ? named : Object.values(value).flatMap((member) => findTools(member, depth - 1));
}

/** Pure. Tools of a list of names or of definitions; what is neither is left out. */
export function readToolNames(value: JsonValue | undefined): readonly { readonly name: string }[] {
  if (!Array.isArray(value)) return [];
  const entries: readonly JsonValue[] = value;
  return entries.flatMap((entry) => {
    if (typeof entry === "string") return [{ name: entry }];
    const name = textAt(entry, "name");
    return name === undefined || !isObject(entry) ? [] : [{ ...entry, name }];
  });
}
