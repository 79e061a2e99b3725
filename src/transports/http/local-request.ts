import type { IncomingMessage } from "node:http";

/** Whether a request comes from this machine, and not through a proxy on it. */
export function isLocalRequest({ socket, headers }: IncomingMessage): boolean {
  const peer = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? "";
  const isLoopback = peer === "::1" || peer.startsWith("127.");
  return isLoopback && headers["x-forwarded-for"] === undefined && headers.forwarded === undefined;
}
