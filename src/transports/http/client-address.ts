import type { IncomingMessage } from "node:http";
import { isInNetwork, type IpNetwork, parseCanonicalIp } from "../../values/ip-address.ts";
import { headerValues } from "./guards.ts";

/**
 * The network address that a request comes from. What `X-Forwarded-For` says counts only from a proxy of these networks,
 * and of it only the last entry, which that proxy wrote itself: the others are the client's own word.
 */
export function clientAddress(req: IncomingMessage, proxies: readonly IpNetwork[]): string | undefined {
  const peer = req.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "");
  const address = peer === undefined || proxies.length === 0 ? undefined : parseCanonicalIp(peer);
  if (address === undefined || !proxies.some((network) => isInNetwork(address, network))) return peer;
  const named = headerValues(req, "x-forwarded-for").at(-1)?.split(",").at(-1)?.trim() ?? "";
  return parseCanonicalIp(named) === undefined ? peer : named;
}
