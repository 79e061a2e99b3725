const metadataPath = "/.well-known/oauth-protected-resource";

/** Of a path that stands for a resource or its metadata: the server it names, `""` for all servers. */
const resourcePath = /^\/mcp(?:\/([A-Za-z0-9._-]{1,64}))?$/;

const loopbackNames: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Pure. The server that the path of an MCP address names (`/mcp/<server>`), `""` for all servers (`/mcp`), undefined for
 * any other path.
 */
export function serverOfResourcePath(path: string): string | undefined {
  const match = resourcePath.exec(path);
  return match === null ? undefined : (match[1] ?? "");
}

/**
 * Pure. The origin of the gateway as this client wrote it: clients compare it with the address they were given (RFC 9728
 * §3.3). `localhost` and `127.0.0.1` are the same gateway; any other name is the public one.
 */
export function addressedOrigin(publicOrigin: string, host: string | undefined): string {
  const own = new URL(publicOrigin);
  const text = `${own.protocol}//${host}`;
  const given = host === undefined || !URL.canParse(text) ? undefined : new URL(text);
  return given !== undefined && areOneLoopback(own, given) ? given.origin : publicOrigin;
}

/**
 * Pure. The server that a resource indicator names (RFC 8707 §2), as {@link serverOfResourcePath}; undefined when it
 * names nothing of this gateway.
 */
export function serverOfResource(publicOrigin: string, resource: string): string | undefined {
  if (!URL.canParse(resource)) return undefined;
  const url = new URL(resource);
  const own = new URL(publicOrigin);
  if (url.origin !== own.origin && !areOneLoopback(own, url)) return undefined;
  const isPlain = resource === `${url.origin}${url.pathname}`;
  return isPlain ? serverOfResourcePath(url.pathname) : undefined;
}

/** Pure. Where the metadata of the resource at a path is (RFC 9728 §3.1). */
export function resourceMetadataUrl(origin: string, path: string): string {
  return `${origin}${metadataPath}${path}`;
}

/** Pure. The path of the resource whose metadata a path asks for; undefined for any other path. */
export function resourceOfMetadataPath(path: string): string | undefined {
  if (!path.startsWith(metadataPath)) return undefined;
  const rest = path.slice(metadataPath.length);
  return serverOfResourcePath(rest) === undefined ? undefined : rest;
}

function areOneLoopback(own: URL, other: URL): boolean {
  const isLoopback = ({ hostname }: URL): boolean => loopbackNames.includes(hostname);
  return isLoopback(own) && isLoopback(other) && own.protocol === other.protocol && own.port === other.port;
}
