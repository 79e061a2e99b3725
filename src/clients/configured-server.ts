import { basename } from "node:path";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";

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
}

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
  };
}

function readCommand(entry: JsonObject): ConfiguredAccess | undefined {
  const written = ownMember(entry, "command") ?? ownMember(entry, "cmd");
  // Zed once nested it: `command: { path, args, env }`.
  if (isObject(written)) return readCommand({ ...entry, ...written, command: ownMember(written, "path") ?? "" });
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
function behindCallgate(access: ConfiguredAccess & { readonly kind: "command" }): ConfiguredAccess | undefined {
  const words = [access.command, ...access.args];
  const isCallgate = (word: string): boolean => /^callgate(?:\.js|@[\w.-]+)?$/u.test(basename(word));
  const at = words.findIndex((word, index) => isCallgate(word) && words[index + 1] === "run");
  if (at === -1 || at > 6) return undefined;
  const own = words.slice(at + 2);
  const separator = own.indexOf("--");
  if (separator !== -1) {
    const [command, ...args] = own.slice(separator + 1);
    return command === undefined ? undefined : { ...access, command, args };
  }
  const option = own.findIndex((word) => word === "--upstream" || word === "--gateway");
  const url = own[option + 1];
  if (option === -1 || url === undefined) return undefined;
  return { kind: "url", url, transport: own.includes("--sse") ? "sse" : "streamable-http", headers: {} };
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
