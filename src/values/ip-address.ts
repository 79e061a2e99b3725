/** An IP address. IPv4 as an unsigned 32-bit number, IPv6 as eight groups of 16 bits. */
export type IpAddress =
  | { readonly family: 4; readonly value: number }
  | { readonly family: 6; readonly groups: readonly number[] };

/** A block of addresses: those that share the first `prefix` bits. */
export interface IpNetwork {
  readonly address: IpAddress;
  /** 0 to 32, or 0 to 128. */
  readonly prefix: number;
}

const groupCount = 8;

/** Pure. Reads four decimal numbers without leading zeros: `192.0.2.1`. Undefined for anything else. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split(".", 5);
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

/** Pure. Reads any text form of RFC 4291 §2.2, without a zone. Undefined for anything else. */
export function parseIpv6(text: string): readonly number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split("::", 3);
  const [head = "", tail] = halves;
  if (halves.length > 2) return undefined;
  const before = parseGroups(head, tail === undefined);
  if (before === undefined) return undefined;
  if (tail === undefined) return before.length === groupCount ? before : undefined;
  const after = parseGroups(tail, true);
  if (after === undefined || before.length + after.length >= groupCount) return undefined;
  return [...before, ...Array<number>(groupCount - before.length - after.length).fill(0), ...after];
}

/** Groups between colons; the last may be a dotted quad when it ends the address. */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const quad = isEnd && i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (quad !== undefined) groups.push(Math.floor(quad / 65_536), quad % 65_536);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** Pure. Whether the eight groups are an IPv4 address in `::ffff:0:0/96` (RFC 4291 §2.5.5.2). */
export function isIpv4Mapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

/** Pure. The canonical text of RFC 5952 §4 and §5; the eight groups of an IPv4-mapped address end in a dotted quad. */
export function formatIpv6(groups: readonly number[]): string {
  if (isIpv4Mapped(groups)) {
    const [high = 0, low = 0] = groups.slice(6);
    return `::ffff:${[high >> 8, high & 255, low >> 8, low & 255].join(".")}`;
  }
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  }
  return best;
}

/**
 * Pure. Reads an address in its one canonical text (RFC 5952; `::ffff:192.0.2.1` is read as `192.0.2.1`). Undefined for
 * anything else.
 */
export function parseCanonicalIp(text: string): IpAddress | undefined {
  const value = parseIpv4(text.startsWith("::ffff:") ? text.slice("::ffff:".length) : text);
  if (value !== undefined) return { family: 4, value };
  const groups = parseIpv6(text);
  return groups !== undefined && formatIpv6(groups) === text ? { family: 6, groups } : undefined;
}

/**
 * Pure. Reads `192.0.2.0/24`, `2001:db8::/32`, or one canonical address. Undefined for anything else, also for a
 * network whose address has bits set behind the prefix, and for IPv4-mapped ones.
 */
export function parseNetwork(text: string): IpNetwork | undefined {
  const [addressText = "", prefixText] = text.split("/", 3);
  const address = parseCanonicalIp(addressText);
  if (address === undefined || (address.family === 4 && addressText.includes(":"))) return undefined;
  const bits = address.family === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits || text !== (prefixText === undefined ? addressText : `${addressText}/${prefixText}`))
    return undefined;
  const network = { address, prefix };
  return hasHostBits(network) ? undefined : network;
}

/** Pure. Whether the address lies in the network. */
export function isInNetwork(address: IpAddress, network: IpNetwork): boolean {
  const { address: base, prefix } = network;
  if (address.family === 4) {
    const size = 2 ** (32 - prefix);
    return base.family === 4 && Math.floor(address.value / size) === base.value / size;
  }
  return base.family === 6 && address.groups.every((group, i) => maskGroup(group, prefix - 16 * i) === base.groups[i]);
}

function hasHostBits({ address, prefix }: IpNetwork): boolean {
  if (address.family === 4) return address.value % 2 ** (32 - prefix) !== 0;
  return address.groups.some((group, i) => maskGroup(group, prefix - 16 * i) !== group);
}

/** The group with only its first `bits` bits kept. */
function maskGroup(group: number, bits: number): number {
  if (bits >= 16) return group;
  return bits <= 0 ? 0 : group & (0xffff << (16 - bits));
}

/** Pure. Who an address counts for: one customer of a network has a whole /64 of IPv6, so all of it is one. */
export function networkOf(address = ""): string {
  return parseIpv6(address)?.slice(0, 4).join(":") ?? address;
}
