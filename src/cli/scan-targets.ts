import type { ConfiguredAccess, ConfiguredServer } from "../clients/configured-server.ts";
import { expandAccess } from "../clients/expand.ts";
import { readAnyConfiguration } from "../clients/find-servers.ts";
import type { ScanTarget } from "../compose/scan.ts";
import type { Environment } from "../config/config-problems.ts";
import { loadConfig } from "../config/load-config.ts";
import type { Problem } from "../errors.ts";
import { type Arguments, UsageError } from "./command.ts";
import { commandServer, urlServer } from "./server-argument.ts";

/** What a command line asks to look at. */
export interface ScanTargets {
  readonly targets: readonly ScanTarget[];
  /** Servers of a configuration that are left out because they are switched off. */
  readonly skipped: readonly { readonly name: string; readonly message: string }[];
  /** Why a configuration cannot be used. */
  readonly problems: readonly Problem[];
}

/** What of a configuration is looked at, and with which variables. */
export interface ConfigurationReading {
  /** The variables that its references and its servers get; every other one counts as not set. */
  readonly environment: Environment;
  /** Whether servers that are switched off are looked at, too. */
  readonly withDisabled: boolean;
}

/** Reads the servers that `scan` is told: a command after `--`, an address, or a configuration. */
export function readScanTargets(args: Arguments): ScanTargets {
  const config = args.text("config");
  const [first, ...rest] = args.positionals;
  if (config !== undefined) {
    if (first !== undefined) throw new UsageError("name either a configuration or one server, not both");
    return targetsOfConfig(config, { environment: process.env, withDisabled: false });
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

/**
 * Reads the servers of a configuration: Callgate's own as `serve` does, every other as its client does. One whose
 * references cannot be replaced is a target that cannot be reached.
 */
export function targetsOfConfig(file: string, { environment, withDisabled }: ConfigurationReading): ScanTargets {
  if (/\bcallgate[^/\\]*\.ya?ml$/iu.test(file)) {
    const { settings, problems } = loadConfig(file, environment);
    const targets = settings?.servers.map(({ name, access }) => ({ name, access })) ?? [];
    return { targets, skipped: [], problems: settings === undefined ? problems : [] };
  }
  const project = process.cwd();
  const found = readAnyConfiguration(file, project);
  if (typeof found === "string") return { targets: [], skipped: [], problems: [unreadable(file, found)] };
  const isLeftOut = ({ isDisabled }: ConfiguredServer): boolean => isDisabled && !withDisabled;
  return {
    targets: found.filter((server) => !isLeftOut(server)).map((server) => targetOf(server, environment, project)),
    skipped: found.filter(isLeftOut).map(({ name }) => ({ name, message: "it is switched off" })),
    problems: [],
  };
}

function targetOf(
  { name, access, passedVariables }: ConfiguredServer,
  environment: Environment,
  project: string,
): ScanTarget {
  const expanded = expandAccess(access, environment, project);
  if (!expanded.ok) return { name, access: { kind: "unresolved", message: expanded.message } };
  return { name, access: withPassed(expanded.access, passedVariables, environment) };
}

function withPassed(access: ConfiguredAccess, names: readonly string[], environment: Environment): ConfiguredAccess {
  if (access.kind === "url") return access;
  const passed = names.flatMap((name) => {
    const value = environment[name];
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
