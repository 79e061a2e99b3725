import type { ToolDefinition } from "../../catalogue/record.ts";
import { readConfiguredServers } from "../../clients/configured-server.ts";
import { packageOfAccess } from "../../clients/package-of-command.ts";
import { bareAddress, plainAddress } from "../../clients/plain-address.ts";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../../values/json.ts";
import {
  factsOf,
  type Imported,
  type ImportContext,
  type ImportedServer,
  objectsAt,
  textAt,
} from "./imported-server.ts";
import { readToolNames } from "./registry-server.ts";

/** Pure. A saved `tools/list` answer: the message, its result or the bare list. Undefined when it is none. */
export function readSavedList(value: JsonValue, context: ImportContext): Imported | undefined {
  const result = isObject(value) ? (ownMember(value, "result") ?? value) : value;
  const list = isObject(result) ? ownMember(result, "tools") : result;
  if (!isList(list) || !list.every((entry) => isObject(entry) && typeof entry["name"] === "string")) return undefined;
  if (list.some((entry) => isObject(entry) && "arguments" in entry && !("inputSchema" in entry))) return undefined;
  const name = textAt(result, "name") ?? context.name ?? "imported";
  const facts = factsOf(name, context, { source: "docs" });
  return { format: "tools/list", servers: [{ facts, tools: readToolNames(list) }] };
}

/** Pure. Docker's MCP registry, `tools.json`: tools whose arguments are a list. Undefined when it is none. */
export function readDockerTools(value: JsonValue, context: ImportContext): Imported | undefined {
  if (!isList(value) || !value.every((entry) => isObject(entry) && typeof entry["name"] === "string")) return undefined;
  const tools = value.filter(isObject).map((entry): ToolDefinition => {
    const description = textAt(entry, "description");
    return {
      name: textAt(entry, "name") ?? "",
      ...(description === undefined ? {} : { description }),
      inputSchema: schemaOf(objectsAt(entry, "arguments")),
    };
  });
  return { format: "docker tools.json", servers: [{ facts: factsOf(context.name ?? "imported", context), tools }] };
}

/** Arguments without `optional` or `required` are optional: the format seldom says. */
function schemaOf(args: readonly JsonObject[]): JsonObject {
  const named = args.flatMap((arg) => {
    const name = textAt(arg, "name");
    return name === undefined || name === "__proto__" ? [] : [{ name, arg }];
  });
  return {
    type: "object",
    properties: Object.fromEntries(
      named.map(({ name, arg }): [string, JsonObject] => {
        const [type, description] = [textAt(arg, "type"), textAt(arg, "desc") ?? textAt(arg, "description")];
        const items = ownMember(arg, "items");
        return [
          name,
          {
            ...(type === undefined ? {} : { type }),
            ...(description === undefined ? {} : { description }),
            ...(isObject(items) ? { items } : {}),
          },
        ];
      }),
    ),
    required: named.filter(({ arg }) => arg["required"] === true).map(({ name }) => name),
  };
}

/** Pure. ToolHive's registry: maps of container servers and of remote ones. Undefined when it is none. */
export function readToolHive(value: JsonObject, context: ImportContext): Imported | undefined {
  const containers = entriesOf(ownMember(value, "servers"));
  const remotes = entriesOf(ownMember(value, "remote_servers"));
  const groups = objectsAt(value, "groups").flatMap((group) => entriesOf(ownMember(group, "servers")));
  const all = [...containers, ...remotes, ...groups];
  const isOne = all.length > 0 && all.every(([, entry]) => "image" in entry || ("url" in entry && "tier" in entry));
  return isOne
    ? { format: "toolhive", servers: all.map(([name, entry]) => toolHiveServer(name, entry, context)) }
    : undefined;
}

function toolHiveServer(name: string, entry: JsonObject, context: ImportContext): ImportedServer {
  const [image, url] = [textAt(entry, "image"), textAt(entry, "url")];
  const [description, repository] = [textAt(entry, "description"), textAt(entry, "repository_url")];
  const [, container, version] = /^(.+?)(?::([\w.-]+))?(?:@sha256:.*)?$/u.exec(image ?? "") ?? [];
  const isGated = [...objectsAt(entry, "env_vars"), ...objectsAt(entry, "headers")].some(
    (input) => input["secret"] === true && input["required"] === true,
  );
  const tier = textAt(entry, "tier");
  const remote = url === undefined ? undefined : bareAddress(url);
  const tools = readToolNames(ownMember(entry, "tools"));
  return {
    facts: factsOf(name, context, {
      ...(description === undefined ? {} : { description }),
      packages:
        container === undefined
          ? []
          : [{ registry: "oci", name: container, ...(version === undefined ? {} : { version }) }],
      remotes: remote === undefined ? [] : [remote],
      ...(repository === undefined ? {} : { repository }),
      transport: [textAt(entry, "transport") ?? []].flat(),
      identity: {
        level: "community",
        evidence: [
          tier === undefined
            ? "listed by ToolHive's registry"
            : `ToolHive's registry calls its tier \`${tier.slice(0, 40)}\``,
        ],
      },
      auth: isGated || ownMember(entry, "oauth_config") !== undefined ? "gated" : "unknown",
    }),
    tools: tools.length === 0 ? undefined : tools,
  };
}

const clientKeys = ["mcpServers", "servers", "mcp_servers", "context_servers", "mcp", "extensions"] as const;

/** Pure. A client's configuration: packages and addresses of its servers, none of their values. Undefined when it is none. */
export function readClientServers(value: JsonObject, context: ImportContext): Imported | undefined {
  for (const key of clientKeys) {
    const member = ownMember(value, key);
    // VS Code's own settings hold `mcp: { servers: {} }`.
    const listed = key === "mcp" && isObject(member) && "servers" in member ? ownMember(member, "servers") : member;
    const found = readConfiguredServers(listed, "unknown");
    if (found.length === 0) continue;
    const servers = found.flatMap(({ name, access, doubt }): readonly ImportedServer[] => {
      const reference = doubt === undefined ? packageOfAccess(access) : undefined;
      const remote = access.kind === "url" ? plainAddress(access.url) : undefined;
      if (reference === undefined && remote === undefined) return [];
      const facts = factsOf(name, context, {
        packages: reference === undefined ? [] : [reference],
        remotes: remote === undefined ? [] : [remote],
        transport: [access.kind === "command" ? "stdio" : access.transport],
        identity: { level: "unknown", evidence: ["named in a client's configuration"] },
        source: "docs",
      });
      return [{ facts, tools: undefined }];
    });
    const left = found
      .map(({ name }) => name)
      .filter((name) => !servers.some(({ facts }) => facts.name === name))
      .map((name) => ({
        name,
        reason: "it is neither a package for certain nor an address: `callgate scan --config` looks at it",
      }));
    return { format: "client", servers, left };
  }
  return undefined;
}

function entriesOf(value: JsonValue | undefined): readonly (readonly [string, JsonObject])[] {
  if (!isObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
}
