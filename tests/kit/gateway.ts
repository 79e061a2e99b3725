import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCanaries } from "./canary.ts";
import { makeFolder } from "./folder.ts";
import { type CallgateProcess, startCallgate } from "./process.ts";
import { type Rows, readRows } from "./rows.ts";
import { echoServer, readSpy, type Spy } from "./spy.ts";

/** A policy as a value, written as JSON, or as the text of the file. */
export type PolicyInput = string | Readonly<Record<string, unknown>>;

/** Flags of the echo server (`--era=legacy`, `--page-size=4`, ...), a whole command, or the address of a server. */
export type ServerInput =
  | readonly string[]
  | { readonly url: string; readonly [setting: string]: unknown }
  | {
      readonly command: string;
      readonly args: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      readonly [setting: string]: unknown;
    };

/** What both ways to run a gateway have. */
interface Common {
  /** The gateway's data folder; files of the test stand beside it. */
  readonly folder: string;
  readonly process: CallgateProcess;
  readonly rows: Rows;
  /** Every byte of the store's files (database and WAL), for looking for secrets. */
  storeBytes(): Buffer;
}

/** A running `callgate serve`. */
export interface ServeGateway extends Common {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The address of a server: `http://127.0.0.1:PORT/mcp/NAME`; without a name the first one. */
  url(server?: string): string;
  /** The address of all servers of a grant: `http://127.0.0.1:PORT/mcp`. */
  readonly everyUrl: string;
  /** The token of a grant; without an id the first one. Each holds a canary. */
  token(grant?: string): string;
  /** The spy of a server; without a name the first one. */
  spy(server?: string): Spy;
  /** Replaces a policy file. The gateway notices by itself; `process.sees(/reloaded/)` waits for it. */
  writePolicy(name: string, policy: PolicyInput): void;
}

/** What `callgate serve` is started with. */
export interface ServeOptions {
  /** Default: one echo server named `echo`. */
  readonly servers?: Readonly<Record<string, ServerInput>>;
  /** Policy name to policy. */
  readonly policies: Readonly<Record<string, PolicyInput>>;
  /**
   * Grant id to servers with their policies, and further members of the grant. Default: one grant for each policy, of
   * that name, on every server.
   */
  readonly grants?: Readonly<
    Record<string, { readonly servers: Readonly<Record<string, string | null>>; readonly [member: string]: unknown }>
  >;
  /** Further members of `callgate.yaml`: `max_body_bytes`, `audit_durability`, ... */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Further variables of the gateway's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder of an earlier gateway: same store, same files. */
  readonly folder?: string;
  /** Tokens of an earlier gateway, by grant. */
  readonly tokens?: Readonly<Record<string, string>>;
}

/** Starts `callgate serve` on a free port and waits until it listens. Ended by `closeAll`. */
export async function startServe(options: ServeOptions): Promise<ServeGateway> {
  const folder = options.folder ?? makeFolder();
  const servers = options.servers ?? { echo: [] };
  const names = Object.keys(servers);
  const writePolicy = (name: string, policy: PolicyInput): void =>
    writeFileSync(join(folder, `${name}.policy.json`), textOf(policy));
  for (const [name, policy] of Object.entries(options.policies)) writePolicy(name, policy);
  const grants =
    options.grants ??
    Object.fromEntries(
      Object.keys(options.policies).map((name) => [
        name,
        { servers: Object.fromEntries(names.map((server) => [server, name])) },
      ]),
    );
  const tokens = new Map(
    Object.keys(grants).map((id) => [id, options.tokens?.[id] ?? createCanaries().plant(`token of ${id}`)]),
  );
  const config = {
    listen: "127.0.0.1:0",
    servers: Object.fromEntries(
      Object.entries(servers).map(([name, server]) => [name, serverSettings(folder, name, server)]),
    ),
    policies: Object.fromEntries(Object.keys(options.policies).map((name) => [name, `./${name}.policy.json`])),
    grants: Object.fromEntries(
      Object.entries(grants).map(([id, grant], index) => [id, { token: `\${TOKEN_${index}}`, ...grant }]),
    ),
    ...options.settings,
  };
  const file = join(folder, "callgate.yaml");
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  const env = Object.fromEntries([...tokens.values()].map((token, index) => [`TOKEN_${index}`, token]));
  const gateway = startCallgate(["serve", "--config", file], folder, { ...env, ...options.env });
  const [, origin = ""] = await gateway.sees(/listens at\s+(https?:\/\/\S+?)\/mcp\b/);
  return {
    ...common(folder, gateway),
    origin,
    url: (server = names[0] ?? "") => `${origin}/mcp/${server}`,
    everyUrl: `${origin}/mcp`,
    token: (grant = Object.keys(grants)[0] ?? "") => tokens.get(grant) ?? "",
    spy: (server = names[0] ?? "") => spyOf(folder, server),
    writePolicy,
  };
}

/** A running `callgate run`: speak to `process.child`, or open a client on it. */
export interface RunGateway extends Common {
  readonly spy: Spy;
  /** Replaces the policy file. */
  writePolicy(policy: PolicyInput): void;
}

/** What `callgate run` is started with. */
export interface RunOptions {
  /** Left out for a bridge to another gateway (`--gateway`). */
  readonly policy?: PolicyInput;
  /** Flags of the echo server, or a command with its arguments and environment. */
  readonly server?: ServerInput;
  /** The server's name, default `echo`. */
  readonly name?: string;
  /** Further options of the command, before `--`. */
  readonly flags?: readonly string[];
  /** The folder of an earlier gateway: same store. */
  readonly folder?: string;
}

/** Starts `callgate run` in front of an echo server. It says nothing before it is asked. Ended by `closeAll`. */
export function startRun(options: RunOptions): RunGateway {
  const folder = options.folder ?? makeFolder();
  const name = options.name ?? "echo";
  const file = join(folder, "policy.json");
  const writePolicy = (policy: PolicyInput): void => writeFileSync(file, textOf(policy));
  if (options.policy !== undefined) writePolicy(options.policy);
  const gateway = startCallgate(
    [
      "run",
      ...(options.policy === undefined ? [] : ["-p", file]),
      "--name",
      name,
      ...runArguments(options, folder, name),
    ],
    folder,
  );
  return { ...common(folder, gateway), spy: spyOf(folder, name), writePolicy };
}

function runArguments(options: RunOptions, folder: string, name: string): readonly string[] {
  const { flags = [] } = options;
  const server = serverSettings(folder, name, options.server ?? []);
  if ("url" in server) return flags.includes("--gateway") ? flags : ["--upstream", server.url, ...flags];
  const variables = Object.entries(server.env).flatMap(([variable, value]) => ["--env", `${variable}=${value}`]);
  return [...variables, ...flags, "--", server.command, ...server.args];
}

function common(folder: string, gateway: CallgateProcess): Common {
  const store = join(folder, "callgate.sqlite");
  return {
    folder,
    process: gateway,
    rows: readRows(store),
    storeBytes: () => {
      const files = readdirSync(folder).filter(
        (name) => name.startsWith("callgate.sqlite") && statSync(join(folder, name)).isFile(),
      );
      return Buffer.concat(
        files.filter((name) => !name.endsWith("-shm")).map((name) => readFileSync(join(folder, name))),
      );
    },
  };
}

function textOf(policy: PolicyInput): string {
  return typeof policy === "string" ? policy : JSON.stringify(policy, undefined, 2);
}

function spyOf(folder: string, server: string): Spy {
  return readSpy(join(folder, `${server}.spy`), join(folder, `${server}.pids`));
}

function serverSettings(folder: string, name: string, server: ServerInput): ServerSettings {
  if (isAddress(server)) return server;
  const given = isFlags(server) ? { command: process.execPath, args: [echoServer, ...server] } : server;
  return {
    ...given,
    env: {
      CALLGATE_SPY_LOG: join(folder, `${name}.spy`),
      CALLGATE_SPY_PIDS: join(folder, `${name}.pids`),
      ...("env" in given ? given.env : {}),
    },
  };
}

type ServerSettings =
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly url: string };

function isAddress(server: ServerInput): server is { readonly url: string } {
  return "url" in server;
}

function isFlags(server: ServerInput): server is readonly string[] {
  return Array.isArray(server);
}
