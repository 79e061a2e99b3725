import type { IncomingMessage } from "node:http";

/** What proxies add to a request, one or the other of them. */
const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/** Whether a request comes from this machine, and not through a proxy on it. */
export function isLocalRequest({ socket, headers }: IncomingMessage): boolean {
  const peer = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? "";
  const isLoopback = peer === "::1" || peer.startsWith("127.");
  return isLoopback && proxyHeaders.every((name) => headers[name] === undefined);
}
