import { basename } from "node:path";
import type { ServerAccess } from "../config/settings.ts";
import { type Arguments, UsageError } from "./command.ts";

/** The server that a command line names, and what to call it. */
export interface ServerArgument {
  readonly name: string;
  readonly access: ServerAccess;
}

/** Reads the server of `callgate run`: a command after `--`, or the address given with `--upstream` or `--gateway`. */
export function readServer(args: Arguments): ServerArgument {
  const url = args.text("upstream") ?? args.text("gateway");
  const [command, ...rest] = args.positionals;
  if (url === undefined) {
    if (command === undefined) {
      throw new UsageError(
        "name the server's command after `--`: `callgate run -p policy.json -- npx -y camoufox-mcp@1.0.0`",
      );
    }
    return commandServer(command, rest, args.texts("env"));
  }
  if (command !== undefined)
    throw new UsageError(
      "name either an address or a command, not both: leave out `--upstream`, or what stands after `--`",
    );
  return urlServer(url, args.texts("header"), args.flag("sse"));
}

/** A server that is a command; `env` as `--env` takes it. */
export function commandServer(command: string, args: readonly string[], env: readonly string[]): ServerArgument {
  const access = { kind: "command", command, args, env: readEnvironment(env), cwd: undefined } as const;
  return { name: nameOfCommand(command, args), access };
}

/** A server at an address; `headers` as `--header` takes them. */
export function urlServer(url: string, headers: readonly string[], isSse: boolean): ServerArgument {
  const address = URL.parse(url);
  if (address === null || !/^https?:$/.test(address.protocol)) {
    throw new UsageError(`\`${url}\` is not the address of a server: write \`https://host/mcp\``);
  }
  const transport = isSse ? "sse" : "streamable-http";
  return { name: nameOfUrl(address), access: { kind: "url", url, transport, headers: readHeaders(headers) } };
}

function nameOfUrl(address: URL): string {
  return address.host.replaceAll(/[^A-Za-z0-9.-]+/g, "-").slice(0, 64);
}

function readHeaders(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry): [string, string] => {
      const at = entry.indexOf(":");
      if (at < 1)
        throw new UsageError(
          `\`--header\` takes \`NAME: VALUE\`, such as \`--header 'Authorization: Bearer \${TOKEN}'\``,
        );
      const value = entry.slice(at + 1).trim();
      return [
        entry.slice(0, at).trim().toLowerCase(),
        value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, readVariable),
      ];
    }),
  );
}

function readVariable(_: string, name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new UsageError(`the environment variable \`${name}\`, which \`--header\` names, is not set: set it first`);
  return value;
}

/** The server's name from its command: the package of an `npx` call without its version, else the program. */
function nameOfCommand(command: string, args: readonly string[]): string {
  const program = basename(command).replace(/\.(exe|js|mjs|ts|py)$/i, "");
  const isRunner = ["npx", "bunx", "uvx", "pnpx"].includes(program);
  const isInterpreter = ["node", "python", "python3", "bun", "deno", "tsx"].includes(program);
  const named = isRunner || isInterpreter ? args.find((arg) => !arg.startsWith("-")) : undefined;
  const name =
    named === undefined
      ? program
      : isRunner
        ? named.replace(/^(@?[^@]+)@.*$/, "$1")
        : basename(named).replace(/\.[a-z]+$/i, "");
  return (
    name
      .replace(/^@/, "")
      .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
      .replaceAll(/__+/g, "_")
      .slice(0, 64) || "server"
  );
}

function readEnvironment(entries: readonly string[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const entry of entries) {
    const at = entry.indexOf("=");
    const name = at === -1 ? entry : entry.slice(0, at);
    const value = at === -1 ? process.env[name] : entry.slice(at + 1);
    if (value === undefined)
      throw new UsageError(`the environment variable \`${name}\` is not set: set it, or write \`--env ${name}=VALUE\``);
    environment[name] = value;
  }
  return environment;
}
