const loopbackHosts: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/** Schemes of well-known MCP clients that have no dot, against RFC 8252 §7.1. */
const knownSchemes: ReadonlySet<string> = new Set([
  "cursor:",
  "vscode:",
  "vscode-insiders:",
  "windsurf:",
  "zed:",
  "claude:",
  "raycast:",
  "goose:",
  "warp:",
]);

const lengthMax = 2_048;

/**
 * Pure. Why a client may not be sent back to this address, or undefined. Only https, http to this machine (RFC 8252
 * §7.3), and a private-use scheme that names its owner (RFC 8252 §7.1) or belongs to a well-known client.
 */
export function redirectUriFault(uri: string): string | undefined {
  if (uri.length > lengthMax || !/^[\x21-\x7e]+$/.test(uri) || /[\\#]/.test(uri) || !URL.canParse(uri)) {
    return "a redirect address is a plain URL without spaces, backslashes and `#`";
  }
  const { protocol, hostname, username, password } = new URL(uri);
  if (username !== "" || password !== "" || /^[a-z][a-z0-9+.-]*:\/\/[^/?]*@/i.test(uri)) {
    return "a redirect address has no user name";
  }
  const isLoopback = loopbackHosts.includes(hostname);
  if (protocol === "https:") return isLoopback ? "use http for a redirect to this machine" : undefined;
  if (protocol === "http:") return isLoopback ? undefined : "http is for redirects to this machine alone: use https";
  const isOwned = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/.test(protocol);
  return isOwned || knownSchemes.has(protocol)
    ? undefined
    : "a scheme of its own is named after a domain of the client's: `com.example.app:/callback`";
}

/** Where a redirect leads, as a page shows it to a person. */
export interface RedirectTarget {
  readonly kind:
    /** A site: only who runs it gets what is sent there. */
    | "site"
    /** A program on the person's own machine: any program there can ask for it. */
    | "this_machine"
    /** An app by its scheme. */
    | "app";
  /** A host, or a scheme. */
  readonly name: string;
}

/** Pure. Of a redirect address that {@link redirectUriFault} allows. */
export function redirectTarget(uri: string): RedirectTarget {
  const { protocol, host } = new URL(uri);
  if (protocol === "https:") return { kind: "site", name: host };
  return protocol === "http:" ? { kind: "this_machine", name: host } : { kind: "app", name: protocol };
}
