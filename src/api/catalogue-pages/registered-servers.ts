import { basename } from "node:path";
import { packageOfAccess } from "../../clients/package-of-command.ts";
import { plainAddress } from "../../clients/plain-address.ts";
import type { ServerFacts } from "../../catalogue/server-record.ts";
import type { ServerAccess } from "../../config/settings.ts";
import type { ServerEntry } from "../../control/state.ts";

/** What a server of the catalogue is known by. */
export type KnownBy = Pick<ServerFacts, "packages" | "remotes">;

/** Pure. The registered servers that are this one of the catalogue, and the others, each in their order. */
export function splitServers(
  servers: Iterable<ServerEntry>,
  known: KnownBy,
): { readonly same: readonly ServerEntry[]; readonly others: readonly ServerEntry[] } {
  const all = [...servers];
  return {
    same: all.filter(({ settings }) => isServer(settings.access, known)),
    others: all.filter(({ settings }) => !isServer(settings.access, known)),
  };
}

/** Pure. Whether a registered server is, by its address, package or program, this one of the catalogue. */
export function isServer(access: ServerAccess, { packages, remotes }: KnownBy): boolean {
  if (access.kind === "url") {
    const address = withoutEnd(access.url);
    return address !== undefined && remotes.some((remote) => withoutEnd(remote) === address);
  }
  // What the operator registered runs in the folder, and with the variables, that the operator wants.
  const found = packageOfAccess({ ...access, env: {}, cwd: undefined });
  if (found !== undefined)
    return packages.some(
      ({ registry, name }) => registry === found.registry && looseName(name) === looseName(found.name),
    );
  const program = looseName(basename(access.command).replace(/\.(?:exe|cmd)$/iu, ""));
  // Who publishes a package chooses its name: one that is called like a program that runs others says nothing.
  const isOfAnother = runsOthers.test(program);
  return packages
    .filter(({ registry }) => registry === "npm" || registry === "pypi")
    .some(({ name }) => (!isOfAnother && looseName(basename(name)) === program) || isScriptOf(access.args, name));
}

const runsOthers =
  /^(?:node|nodejs|bun|bunx|deno|tsx|ts-node|python[\d-]*|pypy[\d-]*|ruby|perl|php|java|dotnet|env|cmd|powershell|pwsh|(?:ba|da|z|k|fi)?sh|np[mx]|pnp[mx]|yarn|uvx?|pipx|poetry|make|go|cargo|docker|podman|callgate)$/u;

/** Whether Node runs a file of this package, or Python its module. */
function isScriptOf(args: readonly string[], name: string): boolean {
  return args.some(
    (arg, index) =>
      `/${arg.replaceAll("\\", "/")}`.includes(`/node_modules/${name}/`) ||
      (args[index - 1] === "-m" && looseName(arg) === looseName(name)),
  );
}

/** Registries take these for one name. */
function looseName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/gu, "-");
}

function withoutEnd(url: string): string | undefined {
  return plainAddress(url)?.replace(/\/$/u, "");
}
