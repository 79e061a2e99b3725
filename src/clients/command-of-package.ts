import type { PackageReference } from "../catalogue/server-record.ts";

/** A program and its arguments. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Names and versions that a runner can take for nothing else, such as an option, an address or a range. */
const plainName = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w./-]*$/iu;
const plainVersion = /^[a-z0-9][\w.+-]*$/iu;

/**
 * Pure. What fetches and runs a package: the reverse of `packageOfAccess`. Undefined for a registry without a runner
 * that we know, and for names that are not plain: they come from third parties.
 */
export function commandOfPackage({ registry, name, version }: PackageReference): Command | undefined {
  if (!plainName.test(name) || (version !== undefined && !plainVersion.test(version))) return undefined;
  const at = (mark: string): string => (version === undefined ? name : `${name}${mark}${version}`);
  switch (registry) {
    case "npm":
      return { command: "npx", args: ["-y", at("@")] };
    case "pypi":
      return { command: "uvx", args: [at("==")] };
    case "oci":
      return { command: "docker", args: ["run", "-i", "--rm", at(":")] };
    default:
      return undefined;
  }
}
