import { basename } from "node:path";
import type { PackageReference } from "../catalogue/server-record.ts";

/** Programs that fetch and run a package, with the registry it comes from. */
const runners: Readonly<Record<string, string>> = {
  npx: "npm",
  pnpx: "npm",
  bunx: "npm",
  uvx: "pypi",
  pipx: "pypi",
};

/** Options of runners that take a value, which is no package. */
const valued = /^(?:-c|--call|--cache|--registry|--prefix|--python|-w|--workspace|--index-url|--with)$/u;

/** Options of runners that name the package. */
const naming = /^(?:-p|--package|--from|--spec)$/u;

const dockerValued =
  /^(?:-e|--env|--env-file|-v|--volume|--mount|-p|--publish|--name|--network|--net|-w|--workdir|-u|--user|--entrypoint|-h|--hostname|-l|--label|-m|--memory|--cpus|--platform|--pull|--add-host|--gpus|--runtime|--security-opt|--cap-add|--cap-drop|--tmpfs|--dns|--restart)$/u;

/** Pure. The package that a command fetches and runs: of npm, PyPI or a container registry; undefined for other programs. */
export function packageOfCommand(command: string, args: readonly string[]): PackageReference | undefined {
  // On Windows a script is started through its shell.
  if (/^cmd(?:\.exe)?$/iu.test(basename(command)) && /^\/c$/iu.test(args[0] ?? "")) {
    const [, inner = "", ...rest] = args;
    return packageOfCommand(inner, rest);
  }
  const program = basename(command).replace(/\.(?:exe|cmd)$/iu, "");
  const registry = Object.hasOwn(runners, program) ? runners[program] : undefined;
  if (registry !== undefined) return packageOfRunner(registry, program === "pipx" ? withoutVerb(args, "run") : args);
  if (/^(?:npm|pnpm|yarn|bun)$/u.test(program) && /^(?:exec|dlx|x)$/u.test(args[0] ?? ""))
    return packageOfRunner(
      "npm",
      args.slice(1).filter((arg) => arg !== "--"),
    );
  if (program === "uv" && args[0] === "tool") return packageOfRunner("pypi", args.slice(2));
  if (program === "docker" || program === "podman") return packageOfContainer(args);
  return undefined;
}

function withoutVerb(args: readonly string[], verb: string): readonly string[] {
  return args[0] === verb ? args.slice(1) : args;
}

function packageOfRunner(registry: string, args: readonly string[]): PackageReference | undefined {
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    const [option = "", value] = /^(--[a-z-]+)=(.+)$/u.exec(arg)?.slice(1) ?? [arg];
    if (naming.test(option)) return packageOfSpec(registry, value ?? args[index + 1] ?? "");
    if (valued.test(option) && value === undefined) index += 1;
    else if (!arg.startsWith("-")) return packageOfSpec(registry, arg);
  }
  return undefined;
}

/** `name@1.0.0`, `@scope/name@1`, `name==1.0`; an address or a path is no package of a registry. */
function packageOfSpec(registry: string, spec: string): PackageReference | undefined {
  if (/^(?:[a-z+]+:|\.{0,2}\/|~)/iu.test(spec)) return undefined;
  const pattern =
    registry === "npm" ? /^(@?[^@\s]+)(?:@(\S+))?$/u : /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?:(?:==|@)(\S+))?$/u;
  const [, name, version] = pattern.exec(spec) ?? [];
  return name === undefined ? undefined : { registry, name, ...(version === undefined ? {} : { version }) };
}

function packageOfContainer(args: readonly string[]): PackageReference | undefined {
  if (args[0] !== "run") return undefined;
  for (let index = 1; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (dockerValued.test(arg)) index += 1;
    else if (!arg.startsWith("-")) {
      const [, name = arg, version] = /^(.+?)(?::([\w.-]+)|@(?:sha256:.+))?$/u.exec(arg) ?? [];
      return { registry: "oci", name, ...(version === undefined ? {} : { version }) };
    }
  }
  return undefined;
}

/** Pure. An address without user, query and fragment, which may hold secrets; undefined for what is no address. */
export function bareAddress(url: string): string | undefined {
  const address = URL.parse(url);
  return address === null ? undefined : `${address.protocol}//${address.host}${address.pathname}`;
}
