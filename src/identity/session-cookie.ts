/** How long after its last request a session ends, milliseconds. */
export const sessionIdleMs: number = 30 * 60_000;

/** How long a session lives at most, milliseconds. */
export const sessionLifetimeMs: number = 12 * 3_600_000;

/**
 * The name of the session's cookie. Under https the prefix has the browser hold it to this host, path `/` and `Secure`
 * (RFC 6265bis §4.1.3.2); on plain loopback http browsers would drop such a cookie.
 */
export function sessionCookieName(publicOrigin: string): string {
  return isSecure(publicOrigin) ? "__Host-callgate" : "callgate";
}

/** `Set-Cookie` for a session that begins. Sent with requests of the gateway's own pages only. */
export function sessionCookie(publicOrigin: string, id: string): string {
  return cookie(sessionCookieName(publicOrigin), id, publicOrigin, "Strict", sessionLifetimeMs / 1_000);
}

/** `Set-Cookie` that takes the session's cookie away. */
export function endedSessionCookie(publicOrigin: string): string {
  return cookie(sessionCookieName(publicOrigin), "", publicOrigin, "Strict", 0);
}

/** A `Set-Cookie` for this host alone, unreadable for scripts. `Lax` is for what must come back from another site. */
export function cookie(
  name: string,
  value: string,
  publicOrigin: string,
  sameSite: "Strict" | "Lax",
  maxAgeSeconds: number,
): string {
  const secure = isSecure(publicOrigin) ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${secure}`;
}

/** The value of a cookie in a `Cookie` header; undefined when it is not there, or there twice. Pure. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** Whether the gateway is known by an https address. */
export function isSecure(publicOrigin: string): boolean {
  return publicOrigin.startsWith("https:");
}
