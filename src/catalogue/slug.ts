/** What a server can be named after, best first. */
export interface ServerNames {
  /** The registry's reverse-DNS name: `io.github.owner/name`. */
  readonly registryName?: string | undefined;
  /** `https://github.com/owner/repo` */
  readonly repository?: string | undefined;
  readonly package?: string | undefined;
  readonly name: string;
}

/**
 * Pure. A server's slug: its registry name with dots and slashes as dashes, else `<owner>-<repo>`, else its package's
 * name, else its own. Lower case; of letters, digits and dashes; never empty.
 */
export function serverSlug({ registryName, repository, package: packageName, name }: ServerNames): string {
  const path = repository === undefined ? null : URL.parse(repository)?.pathname.replace(/\.git$/u, "");
  const [, owner, repo] = /^\/([^/]+)\/([^/]+)/u.exec(path ?? "") ?? [];
  const ofRepository = owner === undefined || repo === undefined ? undefined : `${owner}-${repo}`;
  for (const source of [registryName, ofRepository, packageName, name]) {
    const slug = source === undefined ? "" : dashed(source, /[^a-z0-9]+/gu);
    if (slug !== "") return slug;
  }
  return "server";
}

/** Pure. A tool's slug: `save_session` is `save-session`, dots stay. */
export function toolSlug(name: string): string {
  return dashed(name, /[^a-z0-9.]+/gu) || "tool";
}

function dashed(text: string, others: RegExp): string {
  return text
    .slice(0, 200)
    .toLowerCase()
    .replaceAll(others, "-")
    .replaceAll(/^-+|-+$/gu, "");
}
