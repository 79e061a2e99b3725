import { formatIpv6, isIpv4Mapped, parseIpv4, parseIpv6 } from "../../values/ip-address.ts";

/** What `host_in` reads of a URL. */
export interface PlainUrl {
  /** In lower case; IPv6 in brackets. */
  readonly host: string;
  /** The port written, or the scheme's. */
  readonly port: number;
  /** The scheme's own port. */
  readonly defaultPort: number;
}

const plainUrl = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([1-9]\d{0,4}))?(?:[/?#]|$)/i;

/** Printable ASCII but the backslash, from first to last: what no two URL parsers read differently. */
const plainCharacters = /^[!-[\]-~]*$/;

/**
 * Pure. Reads a URL of the plain form of policy.md §2 "Plain forms": ASCII, `http` or `https`, a host that every parser
 * reads alike, no user information. Undefined for anything else.
 */
export function parsePlainUrl(text: string): PlainUrl | undefined {
  const match = plainUrl.exec(text);
  if (match === null || !plainCharacters.test(text)) return undefined;
  const [, scheme = "", written = "", portText] = match;
  const host = written.toLowerCase();
  if (!isPlainHost(host)) return undefined;
  const defaultPort = scheme.length === 5 ? 443 : 80;
  const port = portText === undefined ? defaultPort : Number(portText);
  return port > 65_535 ? undefined : { host, port, defaultPort };
}

/**
 * Pure. Whether a host in lower case has a plain form: labels of letters, digits and hyphens, none empty; a canonical
 * dotted quad; or a canonical IPv6 address in brackets that is not IPv4-mapped. A last label that is a number
 * (decimal or `0x`) would be an IPv4 address to WHATWG parsers, and a name to others.
 */
export function isPlainHost(host: string): boolean {
  if (host.startsWith("[")) {
    const text = host.slice(1, -1);
    const groups = parseIpv6(text);
    return groups !== undefined && !isIpv4Mapped(groups) && formatIpv6(groups) === text;
  }
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(host)) return false;
  const last = host.slice(host.lastIndexOf(".") + 1);
  return /^(?:\d+$|0x)/.test(last) ? parseIpv4(host) !== undefined : true;
}
