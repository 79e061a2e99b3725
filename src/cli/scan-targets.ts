import type { ConfiguredAccess } from "../clients/configured-server.ts";
import { expandAccess } from "../clients/expand.ts";
import { readAnyConfiguration } from "../clients/find-servers.ts";
import type { ScanTarget } from "../compose/scan.ts";
import { loadConfig } from "../config/load-config.ts";
import type { Problem } from "../errors.ts";
import { type Arguments, UsageError } from "./command.ts";
import { commandServer, urlServer } from "./server-argument.ts";

/** What a command line asks to look at. */
export interface ScanTargets {
  readonly targets: readonly ScanTarget[];
  /** Servers of a configuration that are left out, and why. */
  readonly skipped: readonly { readonly name: string; readonly message: string }[];
  /** Why a configuration cannot be used. */
  readonly problems: readonly Problem[];
}

/** Reads the servers that `scan` is told: a command after `--`, an address, or a configuration. */
export function readScanTargets(args: Arguments): ScanTargets {
  const config = args.text("config");
  const [first, ...rest] = args.positionals;
  if (config !== undefined) {
    if (first !== undefined) throw new UsageError("name either a configuration or one server, not both");
    return targetsOfConfig(config);
  }
  if (first === undefined) {
    throw new UsageError("name a server: `callgate scan -- npx -y camoufox-mcp@1.0.0`, an address, or `--config FILE`");
  }
  const one = /^https?:\/\//i.test(first) && rest.length === 0 ? ofAddress(args, first) : ofCommand(args, first, rest);
  return { targets: [{ ...one, name: args.text("name") ?? one.name }], skipped: [], problems: [] };
}

function ofAddress(args: Arguments, url: string): ScanTarget {
  const fromEnvironment = args.texts("header-env").map((entry) => {
    const [, name, variable] = /^([^=\s]+)=([A-Za-z_][A-Za-z0-9_]*)$/u.exec(entry) ?? [];
    if (name === undefined || variable === undefined)
      throw new UsageError("`--header-env` takes `NAME=VARIABLE`, such as `--header-env Authorization=NOTES_AUTH`");
    return `${name}: \${${variable}}`;
  });
  return urlServer(url, [...args.texts("header"), ...fromEnvironment], args.flag("sse"));
}

function ofCommand(args: Arguments, command: string, rest: readonly string[]): ScanTarget {
  const looksLikePackage = /^(?:@[\w.-]+\/)?[\w.-]+(?:@[\w.-]+)?$/u.test(command) && !command.includes("/");
  if (args.behindSeparator === undefined && (looksLikePackage || command.startsWith("@"))) {
    throw new UsageError(
      `\`${command}\` is neither an address nor a command after \`--\`: what a package offers only its code can say, and that is not run unless you give the command: \`callgate scan -- npx -y ${command}\``,
    );
  }
  return commandServer(command, rest, args.texts("env"));
}

/** Callgate's own configuration is read as `serve` reads it, every other as its client does. */
function targetsOfConfig(file: string): ScanTargets {
  if (/\bcallgate[^/\\]*\.ya?ml$/iu.test(file)) {
    const { settings, problems } = loadConfig(file);
    const targets = settings?.servers.map(({ name, access }) => ({ name, access })) ?? [];
    return { targets, skipped: [], problems: settings === undefined ? problems : [] };
  }
  const project = process.cwd();
  const found = readAnyConfiguration(file, project);
  if (typeof found === "string") return { targets: [], skipped: [], problems: [unreadable(file, found)] };
  const targets: ScanTarget[] = [];
  const skipped: { name: string; message: string }[] = [];
  for (const server of found) {
    const { name, isDisabled, passedVariables } = server;
    const expanded = expandAccess(server.access, process.env, project);
    if (isDisabled) skipped.push({ name, message: "it is switched off" });
    else if (expanded.ok) targets.push({ name, access: withPassed(expanded.access, passedVariables) });
    else skipped.push({ name, message: expanded.message });
  }
  return { targets, skipped, problems: [] };
}

function withPassed(access: ConfiguredAccess, names: readonly string[]): ConfiguredAccess {
  if (access.kind === "url") return access;
  const passed = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...access, env: { ...Object.fromEntries(passed), ...access.env } };
}

function unreadable(file: string, message: string): Problem {
  return {
    severity: "error",
    code: "FILE_UNREADABLE",
    message: `the configuration \`${file}\` cannot be read: ${message}`,
    file,
    line: 1,
    column: 1,
    path: "",
    hint: "name a client's configuration such as `.mcp.json`, or a `callgate.yaml`",
  };
}
