import { ownMember, type JsonObject } from "../values/json.ts";

/** The HTTP headers that mirror a message's body, and the session. Values as received, one each. */
export interface MirrorHeaders {
  /** `MCP-Protocol-Version` */
  readonly protocolVersion?: string | undefined;
  /** `Mcp-Method` */
  readonly method?: string | undefined;
  /** `Mcp-Name` */
  readonly name?: string | undefined;
  /** `Mcp-Param-*`: the part behind the second hyphen in lower case, and the value. */
  readonly params: Readonly<Record<string, string>>;
  /** Names of headers that came more than once; any case. */
  readonly repeated: readonly string[];
}

/** No header at all. */
export const noHeaders: MirrorHeaders = { params: {}, repeated: [] };

const sentinelStart = "=?base64?";
const sentinelEnd = "?=";
const canonicalBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const plainValue = /^[\t\x20-\x7e]*$/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Pure. What a mirror header's value stands for: outer blanks stripped, `=?base64?...?=` decoded. Undefined for a
 * value that is not plain ASCII or whose base64 or UTF-8 is not canonical (MCP 2026-07-28, Transports §Headers).
 */
export function decodeHeaderValue(raw: string): string | undefined {
  const value = stripBlanks(raw);
  if (!plainValue.test(value)) return undefined;
  if (!value.startsWith(sentinelStart) || !value.endsWith(sentinelEnd)) return value;
  const encoded = value.slice(sentinelStart.length, -sentinelEnd.length);
  if (value.length < sentinelStart.length + sentinelEnd.length || !canonicalBase64.test(encoded)) return undefined;
  const binary = atob(encoded);
  if (btoa(binary) !== encoded) return undefined;
  try {
    return decoder.decode(Uint8Array.from(binary, (unit) => unit.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function stripBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** MCP 2026-07-28, Transports §Headers: which parameter `Mcp-Name` mirrors, by method. */
export const namedParameter: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

/** Pure. A sentence on the first mirror header that came more than once, or undefined. */
export function repeatedHeader(headers: MirrorHeaders): string | undefined {
  const repeated = headers.repeated.some((name) => name.toLowerCase().startsWith("mcp-"));
  return repeated ? "a header that mirrors the message came more than once" : undefined;
}

/**
 * Pure. A sentence on the first of `Mcp-Method` and `Mcp-Name` that contradicts the body, or undefined. With
 * `areRequired`, their absence is a fault too.
 */
export function mirrorFault(
  method: string,
  params: JsonObject,
  headers: MirrorHeaders,
  areRequired: boolean,
): string | undefined {
  if (headers.method === undefined) {
    if (areRequired) return "the required header Mcp-Method is missing";
  } else if (decodeHeaderValue(headers.method) !== method) {
    return "the header Mcp-Method does not name the method of the message";
  }
  const parameter = namedParameter.get(method);
  if (parameter === undefined) return undefined;
  const value = ownMember(params, parameter);
  if (headers.name === undefined) {
    return areRequired && typeof value === "string" ? "the required header Mcp-Name is missing" : undefined;
  }
  if (decodeHeaderValue(headers.name) === value) return undefined;
  return `the header Mcp-Name does not equal \`params.${parameter}\` of the message`;
}
