/** What a server can be named after, best first. */
export interface ServerNames {
  /** The registry's reverse-DNS name: `io.github.owner/name`. */
  readonly registryName?: string | undefined;
  /** `https://github.com/owner/repo` */
  readonly repository?: string | undefined;
  readonly package?: string | undefined;
  /** Where it is reached: scheme, host, path. */
  readonly address?: string | undefined;
  /** Of a command that runs no package, hex. */
  readonly commandSha256?: string | undefined;
  readonly name: string;
}

/**
 * Pure. A server's slug: its registry name with dots and slashes as dashes, else `<owner>-<repo>`, else its package's
 * name, else host and path of its address, else its own. What a client calls a command says little, so eight letters of
 * the command's digest follow it. Lower case; of letters, digits and dashes; never empty.
 */
export function serverSlug(names: ServerNames): string {
  const { registryName, repository, package: packageName, address, commandSha256, name } = names;
  const path = repository === undefined ? null : URL.parse(repository)?.pathname.replace(/\.git$/u, "");
  const [, owner, repo] = /^\/([^/]+)\/([^/]+)/u.exec(path ?? "") ?? [];
  const ofRepository = owner === undefined || repo === undefined ? undefined : `${owner}-${repo}`;
  const place = address?.replace(/^[a-z]+:\/\//iu, "");
  const ofCommand = commandSha256 === undefined ? undefined : commandSlug(name, commandSha256);
  for (const source of [registryName, ofRepository, packageName, place, ofCommand, name]) {
    const slug = source === undefined ? "" : dashed(source, /[^a-z0-9]+/gu);
    if (slug !== "") return slug;
  }
  return "server";
}

/** Pure. A slug that no other command has: `index-1a2b3c4d`. */
export function commandSlug(name: string, commandSha256: string): string {
  return `${dashed(name, /[^a-z0-9]+/gu) || "server"}-${commandSha256.slice(0, 8)}`;
}

/** Pure. A tool's slug: `save_session` is `save-session`, dots stay. */
export function toolSlug(name: string): string {
  return dashed(name, /[^a-z0-9.]+/gu) || "tool";
}

/**
 * Pure. The slugs of a server's tools, no two the same: of names that make one slug, the name that is its own slug has it,
 * then the one listed first; the others get a number.
 */
export function toolSlugs(names: readonly string[]): ReadonlyMap<string, string> {
  const slugs = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of [...names.filter((own) => toolSlug(own) === own), ...names]) {
    if (slugs.has(name)) continue;
    const plain = toolSlug(name);
    let slug = plain;
    for (let number = 2; taken.has(slug); number += 1) slug = `${plain}-${number}`;
    taken.add(slug);
    slugs.set(name, slug);
  }
  return slugs;
}

function dashed(text: string, others: RegExp): string {
  return text
    .slice(0, 200)
    .toLowerCase()
    .replaceAll(others, "-")
    .replaceAll(/^-+|-+$/gu, "");
}
