import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";
import { loadingVariable } from "./deciding-variables.ts";
import { readPackage } from "./package-of-command.ts";

/** How a client reaches a server, as its configuration says. Values of `env` and `headers` may be secrets. */
export type ConfiguredAccess =
  | {
      readonly kind: "command";
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | undefined;
    }
  | {
      readonly kind: "url";
      readonly url: string;
      readonly transport: "streamable-http" | "sse";
      readonly headers: Readonly<Record<string, string>>;
    };

/** One entry of a client's configuration. */
export interface ConfiguredServer {
  readonly name: string;
  readonly access: ConfiguredAccess;
  /** Names of environment variables that are passed on or sent, without those in `env`. */
  readonly passedVariables: readonly string[];
  readonly isDisabled: boolean;
  /** Whether `callgate run` stands before it; the access is then that of the server behind. */
  readonly isBehindCallgate: boolean;
  /** How the Callgate before it is started, where the entry says so. */
  readonly gate: ConfiguredAccess | undefined;
  /** Why it cannot be told what runs or is reached, whatever the entry names; a clause for people. */
  readonly doubt: string | undefined;
}

type CommandAccess = ConfiguredAccess & { readonly kind: "command" };

/** Pure. The servers below a client's key: a map of names, or a list of entries with names. What is no server is left out. */
export function readConfiguredServers(servers: JsonValue | undefined, client: string): readonly ConfiguredServer[] {
  const entries: readonly (readonly [string, JsonValue])[] = isList(servers)
    ? servers.map((entry) => [textAt(entry, "name") ?? "", entry])
    : isObject(servers)
      ? Object.entries(servers)
      : [];
  return entries.flatMap(([name, entry]) => {
    const server = isObject(entry) && name !== "" ? readEntry(name, entry, client) : undefined;
    return server === undefined ? [] : [server];
  });
}

function readEntry(name: string, entry: JsonObject, client: string): ConfiguredServer | undefined {
  const access = readCommand(entry) ?? readAddress(entry, client);
  if (access === undefined) return undefined;
  const behind = access.kind === "command" ? behindCallgate(access) : undefined;
  const bearer = textAt(entry, "bearer_token_env_var");
  const passed = [
    ...textsOf(ownMember(entry, "env_vars")),
    ...textsOf(ownMember(entry, "env_keys")),
    ...Object.values(recordOf(ownMember(entry, "env_http_headers"))),
    ...(bearer === undefined ? [] : [bearer]),
  ];
  return {
    name,
    access: behind ?? access,
    passedVariables: passed,
    isDisabled: ownMember(entry, "disabled") === true || ownMember(entry, "enabled") === false,
    isBehindCallgate: behind !== undefined || client === "callgate",
    gate: behind === undefined ? undefined : access,
    doubt: doubtOfEntry(entry) ?? doubtOfAccess(behind ?? access),
  };
}

/** Keys by which one client or another finds a server. */
const ways = ["command", "cmd", "url", "httpUrl", "serverUrl", "uri"] as const;

function doubtOfEntry(entry: JsonObject): string | undefined {
  const named = ways.filter((key) => ownMember(entry, key) !== undefined);
  if (new Set(named.map((key) => JSON.stringify(ownMember(entry, key)))).size > 1)
    return `the entry has ${named.map((key) => `\`${key}\``).join(" and ")}: which of them a client takes cannot be told`;
  const file = ["envFile", "env_file"].find((key) => ownMember(entry, key) !== undefined);
  if (file === undefined || named[0] === undefined || !named[0].startsWith("c")) return undefined;
  return `\`${file}\` names a file of variables, which may decide what is run`;
}

function doubtOfAccess(access: ConfiguredAccess): string | undefined {
  if (access.kind === "url") return undefined;
  const found = readPackage(access);
  if (found.kind === "doubtful") return found.reason;
  const variable = loadingVariable(access.env);
  return variable === undefined ? undefined : `the variable \`${variable}\` decides what is run`;
}

function readCommand(entry: JsonObject): CommandAccess | undefined {
  const written = ownMember(entry, "command") ?? ownMember(entry, "cmd");
  // Zed once nested it: `command: { path, args, env }`.
  if (isObject(written)) return readCommand({ ...entry, ...written, command: textAt(written, "path") ?? "" });
  const words = typeof written === "string" ? [written] : textsOf(written);
  const [command, ...own] = words;
  if (command === undefined || command === "") return undefined;
  const env = ["env", "envs", "environment"].map((key) => recordOf(ownMember(entry, key)));
  return {
    kind: "command",
    command,
    args: [...own, ...textsOf(ownMember(entry, "args"))],
    env: Object.assign({}, ...env),
    cwd: textAt(entry, "cwd"),
  };
}

function readAddress(entry: JsonObject, client: string): ConfiguredAccess | undefined {
  const type = textAt(entry, "type") ?? textAt(entry, "transport") ?? "";
  const streamable = textAt(entry, "httpUrl") ?? textAt(entry, "serverUrl") ?? textAt(entry, "uri");
  const plain = textAt(entry, "url");
  const url = streamable ?? plain;
  if (url === undefined) return undefined;
  // Gemini CLI reads a `url` without a type as the older transport.
  const isSse = /sse/iu.test(type) || (client === "gemini-cli" && streamable === undefined && type === "");
  const options = ownMember(entry, "requestOptions");
  const headers = [
    ownMember(entry, "headers"),
    ownMember(entry, "http_headers"),
    isObject(options) ? ownMember(options, "headers") : undefined,
  ].map(recordOf);
  return { kind: "url", url, transport: isSse ? "sse" : "streamable-http", headers: Object.assign({}, ...headers) };
}

/** What `callgate run ... -- COMMAND` or `npx callgate run ... --upstream URL` leads to. */
function behindCallgate(access: CommandAccess): ConfiguredAccess | undefined {
  const [verb, ...own] = argsOfCallgate(access) ?? [];
  if (verb !== "run") return undefined;
  const separator = own.indexOf("--");
  if (separator !== -1) {
    const [command, ...args] = own.slice(separator + 1);
    const env = { ...access.env, ...passedOn(own.slice(0, separator)) };
    return command === undefined ? undefined : { ...access, command, args, env };
  }
  const option = Math.max(own.lastIndexOf("--upstream"), own.lastIndexOf("--gateway"));
  const url = own[option + 1];
  if (option === -1 || url === undefined) return undefined;
  return { kind: "url", url, transport: own.includes("--sse") ? "sse" : "streamable-http", headers: {} };
}

/** The arguments of Callgate, where nothing but Callgate can be meant: a program at a path is any program. */
function argsOfCallgate(access: CommandAccess): readonly string[] | undefined {
  if (access.command === "callgate") return loadingVariable(access.env) === undefined ? access.args : undefined;
  const found = readPackage(access);
  const isIt = found.kind === "package" && found.reference.registry === "npm" && found.reference.name === "callgate";
  return isIt ? found.args : undefined;
}

/** What `--env NAME=VALUE` gives the server. */
function passedOn(args: readonly string[]): Readonly<Record<string, string>> {
  const words = args.flatMap((word, index) =>
    word === "--env" ? [args[index + 1] ?? ""] : word.startsWith("--env=") ? [word.slice("--env=".length)] : [],
  );
  return Object.fromEntries(
    words
      .filter((word) => word.includes("="))
      .map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );
}

function textAt(value: JsonValue | undefined, key: string): string | undefined {
  const member = isObject(value) ? ownMember(value, key) : undefined;
  return typeof member === "string" ? member : undefined;
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}

function recordOf(value: JsonValue | undefined): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, string][] =>
      typeof member === "string" || typeof member === "number" || typeof member === "boolean"
        ? [[key, String(member)]]
        : [],
    ),
  );
}
