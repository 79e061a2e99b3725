import { basename } from "node:path";
import type { PackageReference } from "../catalogue/server-record.ts";
import type { ConfiguredAccess } from "./configured-server.ts";
import { decidingVariable, isDecidingVariable } from "./deciding-variables.ts";

type CommandAccess = ConfiguredAccess & { readonly kind: "command" };

/** What a command fetches and runs. */
export type CommandPackage =
  | {
      readonly kind: "package";
      readonly reference: PackageReference;
      /** What stands behind the package: the arguments of its program. */
      readonly args: readonly string[];
    }
  /** A package is to be fetched, and something beside its name decides which, or what runs; a clause for people. */
  | { readonly kind: "doubtful"; readonly reason: string }
  /** A program of its own. */
  | { readonly kind: "none" };

/** A program that fetches and runs a package. */
interface Runner {
  readonly registry: "npm" | "pypi";
  /** Words in front of its options, one of these. */
  readonly verbs: readonly (readonly string[])[];
  /** Options that name the package, whose program is then the next word. */
  readonly naming: readonly string[];
  /** Whether options behind the package are its own, too. */
  readonly readsOptionsBehind?: true;
}

const npm = { registry: "npm", verbs: [[]], naming: ["-p", "--package"] } as const;
const uv = { registry: "pypi", verbs: [[]], naming: ["--from"] } as const;
const runners = new Map<string, Runner>([
  ["npx", npm],
  ["pnpx", npm],
  ["bunx", npm],
  ["npm", { ...npm, verbs: [["exec"], ["x"]], readsOptionsBehind: true }],
  ["pnpm", { ...npm, verbs: [["dlx"]] }],
  ["yarn", { ...npm, verbs: [["dlx"]] }],
  ["bun", { ...npm, verbs: [["x"]] }],
  ["uvx", uv],
  ["uv", { ...uv, verbs: [["tool", "run"]] }],
  ["pipx", { registry: "pypi", verbs: [["run"]], naming: ["--spec"] }],
]);

/** Packages that are no server themselves: what stands behind them is. */
const launchers: ReadonlySet<string> = new Set([
  "mcp-remote",
  "mcp-proxy",
  "mcpo",
  "supergateway",
  "mcporter",
  "fastmcp",
  "mcp",
  "tsx",
  "ts-node",
  "nodemon",
  "cross-env",
  "env-cmd",
  "dotenv-cli",
  "concurrently",
]);

const containerPrograms = ["docker", "podman"];

/** Options of runners that change neither what is fetched nor what runs. */
const harmless =
  /^(?:-y|--yes|-q|--quiet|-s|--silent|--verbose|--no-progress|--prefer-offline|--prefer-online|--offline|--no-cache|--refresh|--isolated|--bun)$/u;

/** Options that decide, by name; others are not named, as an argument may be a secret. */
const deciding =
  /^(?:-c|--call|--shell-mode|--registry|--userconfig|--globalconfig|--prefix|--cache|-w|--workspace|--node-options|--script-shell|--index|--index-url|--default-index|--extra-index-url|--find-links|--config-file|--env-file|--directory|--project|--with|--with-editable|--with-requirements|--constraint|--overrides|--python|--pip-args|--path|-v|--volume|--mount|--volumes-from|--entrypoint|--privileged|--add-host|--dns|--security-opt|--cap-add|--runtime)$/u;

const containerFlags = /^(?:-[itd]{1,3}|--interactive|--tty|--detach|--rm|--init|--read-only|--quiet)$/u;
const containerValued =
  /^(?:-e|--env|--name|--network|--net|-u|--user|-m|--memory|--cpus|--pids-limit|--platform|--pull|-l|--label|-h|--hostname|--cap-drop|--restart|-p|--publish)$/u;

/**
 * Pure. The package that a command fetches and runs: of npm, PyPI or a container registry, by its plain name and version.
 * Where an option, a variable, a folder or the way the program is named may lead elsewhere, it is doubtful: a package that
 * only stands in the line says nothing about what runs.
 */
export function readPackage(access: CommandAccess): CommandPackage {
  const found = readProgram(access.command, access.args);
  if (found.kind !== "package") return found;
  const variable = decidingVariable(access.env);
  if (variable !== undefined) return doubtful(`the variable \`${variable}\` decides what is fetched or run`);
  if (access.cwd !== undefined)
    return doubtful("it runs in a folder of its own (`cwd`), whose files decide what is fetched or run");
  return found;
}

/** Pure. The package of {@link readPackage} where there is no doubt about it. */
export function packageOfAccess(access: ConfiguredAccess): PackageReference | undefined {
  const found = access.kind === "command" ? readPackage(access) : undefined;
  return found?.kind === "package" ? found.reference : undefined;
}

const none = { kind: "none" } as const;

function doubtful(reason: string): CommandPackage {
  return { kind: "doubtful", reason };
}

function readProgram(command: string, args: readonly string[]): CommandPackage {
  const program = basename(command.replaceAll("\\", "/")).replace(/\.(?:exe|cmd)$/iu, "");
  const runner = runners.get(program);
  const isKnown = runner !== undefined || containerPrograms.includes(program) || /^(?:cmd|callgate)$/iu.test(program);
  if (!isKnown) return none;
  if (/[/\\]/u.test(command))
    return doubtful(`\`${program}\` is named by a path: it is that file, and need not be the ${program} that is known`);
  if (runner !== undefined) {
    const verb = runner.verbs.find((words) => words.every((word, index) => args[index] === word));
    return verb === undefined ? none : readRunner(program, runner, args.slice(verb.length));
  }
  if (/^cmd$/iu.test(program)) return readShell(args);
  return containerPrograms.includes(program) && args[0] === "run" ? readContainer(program, args.slice(1)) : none;
}

/** On Windows a script is started through its shell. */
function readShell([option = "", inner = "", ...rest]: readonly string[]): CommandPackage {
  if (!/^\/c$/iu.test(option)) return none;
  const found = readProgram(inner, rest);
  const isPlain = rest.every((word) => !/[&|<>^%!"\r\n]/u.test(word));
  return found.kind !== "package" || isPlain
    ? found
    : doubtful("it is started through a shell that runs more than that");
}

function readRunner(program: string, runner: Runner, args: readonly string[]): CommandPackage {
  let named: string | undefined;
  let isBehindSeparator = false;
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? "";
    if (isBehindSeparator || !word.startsWith("-")) {
      const rest = args.slice(index + 1);
      const end = rest.indexOf("--");
      const own = isBehindSeparator || !runner.readsOptionsBehind ? [] : rest.slice(0, end === -1 ? undefined : end);
      const option = own.find((more) => more.startsWith("-"));
      return option === undefined ? packageOf(program, runner, named, word, rest) : optionDoubt(program, option);
    }
    if (word === "--") isBehindSeparator = true;
    else {
      const [option, joined] = splitOption(word);
      const value = joined ?? args[index + 1] ?? "";
      const isNaming = runner.naming.includes(option);
      // An interpreter by its version; by a path it is any program.
      const isInterpreter = runner.registry === "pypi" && /^(?:-p|--python)$/u.test(option) && /^3[\d.]*$/u.test(value);
      if (isNaming && named !== undefined) return doubtful(`\`${program}\` is to fetch more than one package`);
      if (isNaming) named = value;
      if ((isNaming || isInterpreter) && joined === undefined) index += 1;
      else if (!isNaming && !isInterpreter && !harmless.test(word)) return optionDoubt(program, option);
    }
  }
  return named === undefined ? none : doubtful(`nothing says what of the package \`${program}\` is to run`);
}

function packageOf(
  program: string,
  { registry }: Runner,
  named: string | undefined,
  word: string,
  args: readonly string[],
): CommandPackage {
  const reference = packageOfSpec(registry, named ?? word);
  if (reference === undefined) return doubtful(`what \`${program}\` is to fetch is no plain package and version`);
  // With a package named apart, the word may be any program: of the package, of the project or of the machine.
  const isItsProgram =
    named === undefined || word === reference.name || word === reference.name.replace(/^@[^/]+\//u, "");
  if (!isItsProgram) return doubtful(`\`${program}\` fetches a package, and runs a program of another name`);
  if (launchers.has(reference.name) && args.length > 0)
    return doubtful(`\`${reference.name}\` starts, or leads to, what its arguments name`);
  return { kind: "package", reference, args };
}

function splitOption(word: string): readonly [option: string, joined: string | undefined] {
  const [, option, joined] = /^(--[^=]+)=(.*)$/su.exec(word) ?? [];
  return [option ?? word, joined];
}

function optionDoubt(program: string, word: string): CommandPackage {
  const [option] = splitOption(word);
  return doubtful(
    deciding.test(option)
      ? `the option \`${option}\` of \`${program}\` decides what is fetched or run`
      : `an option of \`${program}\` is not known here: it may decide what is fetched or run`,
  );
}

const npmSpec = /^((?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*)(?:@(\d[\w.+-]*|latest))?$/iu;
const pythonSpec = /^([a-z0-9](?:[\w.-]*[a-z0-9])?)(?:\[[\w,.-]*\])?(?:(?:==|@)(\d[\w.+!-]*|latest))?$/iu;

/** `name@1.0.0`, `@scope/name@1`, `name==1.0`; an address, a path, an alias or a tag may be anything. */
function packageOfSpec(registry: Runner["registry"], spec: string): PackageReference | undefined {
  const [, name, version] = (registry === "npm" ? npmSpec : pythonSpec).exec(spec) ?? [];
  if (name === undefined || /\.(?:tgz|tar|gz|zip|whl|py)$/iu.test(name)) return undefined;
  return { registry, name, ...versionOf(version) };
}

function versionOf(version: string | undefined): { readonly version?: string } {
  return version === undefined || version === "latest" ? {} : { version };
}

const imageSpec =
  /^([a-z0-9](?:[a-z0-9._-]|:\d+\/|\/)*?)(?::([A-Za-z0-9_][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/u;

function readContainer(program: string, args: readonly string[]): CommandPackage {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? "";
    if (!word.startsWith("-")) {
      const [, name, tag, digest] = imageSpec.exec(word) ?? [];
      if (name === undefined) return doubtful(`what \`${program}\` is to run is no plain image`);
      const reference = { registry: "oci", name, ...versionOf(digest ?? tag) };
      return { kind: "package", reference, args: args.slice(index + 1) };
    }
    const [option, joined] = splitOption(word);
    const isValued = containerValued.test(option);
    const value = joined ?? (isValued ? args[index + 1] : undefined) ?? "";
    const variable = value.split("=")[0] ?? "";
    if (/^(?:-e|--env)$/u.test(option) && isDecidingVariable(variable))
      return doubtful(`the variable \`${variable}\` decides what is fetched or run`);
    if (isValued && joined === undefined) index += 1;
    else if (!isValued && !containerFlags.test(word)) return optionDoubt(program, word);
  }
  return none;
}
