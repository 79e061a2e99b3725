/** An IP address as a number of 32 or 128 bits. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Pure. A canonical address, an IPv4-mapped IPv6 address as IPv4, or undefined for any other text. */
export function readAddress(text: string): Address | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const quad = readQuad(mapped?.[1] ?? text);
  if (quad !== undefined) return { bits: 32, value: quad };
  const value = readGroups(text);
  // RFC 5952 §5: an IPv4-mapped address is canonical only with its last part as a dotted quad.
  if (value === undefined || writeGroups(value) !== text || value >> 32n === 0xffffn) return undefined;
  return { bits: 128, value };
}

/** Pure. Whether the address lies in one of the networks, all of them valid. */
export function isInNetworks(address: Address, networks: readonly string[]): boolean {
  return networks.some((network) => {
    const [base = "", length] = network.split("/");
    const start = readAddress(base);
    if (start === undefined || start.bits !== address.bits) return false;
    const free = BigInt(start.bits - Number(length ?? start.bits));
    return address.value >> free === start.value >> free;
  });
}

/** A canonical dotted quad: four numbers up to 255 without leading zeros. */
function readQuad(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function readGroups(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** The canonical text of RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups cut. */
function writeGroups(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === "0") end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  if (best.length < 2) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}

/** Host in lower case and port of a URL. */
interface Target {
  readonly host: string;
  readonly port: number;
  readonly isDefaultPort: boolean;
}

/** Pure. The target of a URL in the plain form of policy.md §2, or undefined. */
export function readTarget(url: string): Target | undefined {
  if (!/^[\x21-\x7e]+$/.test(url) || url.includes("\\")) return undefined;
  const match = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([1-9]\d{0,4}))?(?=[/?#]|$)/i.exec(url);
  if (match === null) return undefined;
  const host = (match[2] ?? "").toLowerCase();
  const standard = match[1]?.toLowerCase() === "https" ? 443 : 80;
  const port = match[3] === undefined ? standard : Number(match[3]);
  if (port > 65535 || !isPlainHost(host)) return undefined;
  return { host, port, isDefaultPort: port === standard };
}

function isPlainHost(host: string): boolean {
  if (host.startsWith("[")) return readAddress(host.slice(1, -1))?.bits === 128;
  const labels = host.split(".");
  if (labels.includes("")) return false;
  const last = labels.at(-1) ?? "";
  return /^(\d+|0x.*)$/.test(last) ? readQuad(host) !== undefined : true;
}

/** Pure. Whether an entry (`example.com`, `*.example.com`, `example.com:8443`) names the target. */
export function isHostOf(target: Target, entry: string, isAgainst: boolean): boolean {
  const match = /^(.*?)(?::(\d+))?$/.exec(entry.startsWith("[") ? entry.replace(/^\[.*?\]/, "bracketed") : entry);
  const port = match?.[2];
  const host = (port === undefined ? entry : entry.slice(0, -port.length - 1)).toLowerCase();
  const isHost = host.startsWith("*.")
    ? target.host.endsWith(host.slice(1)) && target.host !== host.slice(1)
    : target.host === host;
  if (!isHost) return false;
  return port === undefined ? isAgainst || target.isDefaultPort : target.port === Number(port);
}

/** Pure. The segments of a plain absolute file path, or undefined. */
export function readFilePath(path: string): readonly string[] | undefined {
  if (!path.startsWith("/") || /[~$%\\\u0000-\u001f\u007f-\u009f]/.test(path) || /^\/[A-Za-z]:/.test(path))
    return undefined;
  const inner = path.slice(1).replace(/\/$/, "");
  if (inner === "") return path === "/" ? [] : undefined;
  const segments = inner.split("/");
  return segments.some((segment) => segment === "" || segment === "." || segment === "..") ? undefined : segments;
}

/** Pure. Whether the path is at or below the root, both plain. */
export function isWithin(path: readonly string[], root: string): boolean {
  const top = readFilePath(root);
  return top !== undefined && top.every((segment, i) => path[i] === segment);
}
