import { isInNetwork, isIpv4Mapped, parseIpv4, parseIpv6, parseNetwork, type IpAddress } from "./ip-address.ts";

/**
 * Blocks that are not the public internet's (IANA special-purpose address registries, read in 2026), and
 * `168.63.129.16`, a public address that is a cloud's own service on its machines.
 */
const closedNetworks = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "3fff::/20",
].flatMap((text) => parseNetwork(text) ?? []);

/** What is public in IPv6: global unicast (RFC 4291 §2.4), the closed blocks in it aside. */
const globalUnicast = parseNetwork("2000::/3");

/**
 * Pure. Whether an address belongs to the public internet: not private, loopback, link-local, multicast, reserved or a
 * cloud's metadata service. An address that wraps an IPv4 address (IPv4-mapped, NAT64 RFC 6052, 6to4 RFC 3056) is what
 * the wrapped one is.
 */
export function isPublicAddress(address: IpAddress): boolean {
  const wrapped = address.family === 6 ? wrappedIpv4(address.groups) : undefined;
  if (wrapped !== undefined) return isPublicAddress({ family: 4, value: wrapped });
  if (closedNetworks.some((network) => isInNetwork(address, network))) return false;
  return address.family === 4 || (globalUnicast !== undefined && isInNetwork(address, globalUnicast));
}

function wrappedIpv4(groups: readonly number[]): number | undefined {
  const isNat64 = groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  if (isNat64 || isIpv4Mapped(groups)) return joinGroups(groups[6], groups[7]);
  return groups[0] === 0x2002 ? joinGroups(groups[1], groups[2]) : undefined;
}

function joinGroups(high = 0, low = 0): number {
  return high * 65_536 + low;
}

/** Pure. Reads an address as resolvers and URLs write it: IPv4, IPv6, IPv6 in brackets. Undefined for anything else. */
export function parseAddress(text: string): IpAddress | undefined {
  const value = parseIpv4(text);
  if (value !== undefined) return { family: 4, value };
  const groups = parseIpv6(text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text);
  return groups === undefined ? undefined : { family: 6, groups };
}

/** Ports of services that speak something else, and run what an HTTP request says by accident. */
const foreignPorts: ReadonlySet<string> = new Set(
  "20 21 22 23 25 53 69 110 119 123 135 139 143 161 179 389 445 465 514 587 636 873 993 995 1433 1521 2049 2375 2376 2379 3306 3389 4369 5432 5672 5900 6379 6443 9042 9200 9300 10250 11211 27017".split(
    " ",
  ),
);

const plainUrl = /^https?:\/\/[^\s\\#\x00-\x20\x7f]+$/i;

/**
 * Pure. Why the gateway may not connect to a URL that someone wrote, or undefined: only `http` and `https`, no user or
 * password, nothing that URL parsers read in two ways, and without `allowPrivate` no address of the own network and no
 * port of another protocol. A name is judged by what it resolves to, when it is connected to.
 */
export function outboundUrlFault(text: string, allowPrivate: boolean): string | undefined {
  if (!plainUrl.test(text) || !URL.canParse(text)) {
    return "write an http or https URL without spaces, backslashes and `#`";
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || /^https?:\/\/[^/?]*@/i.test(text)) {
    return "leave user name and password out of the URL; use `headers`";
  }
  if (allowPrivate) return undefined;
  const name = url.hostname.replace(/\.$/, "");
  const address = parseAddress(name);
  const isLocalName = address === undefined && (name === "localhost" || name.endsWith(".localhost"));
  if (isLocalName || (address !== undefined && !isPublicAddress(address))) {
    return "the address is not a public one; only the operator's own files may name such a server";
  }
  if (foreignPorts.has(url.port)) return `port ${url.port} belongs to another protocol`;
  return undefined;
}
