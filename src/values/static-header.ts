/** Headers that the gateway sets itself, or that would change how a request is framed. */
const ownHeaders: ReadonlySet<string> = new Set(
  "accept accept-encoding connection content-encoding content-length content-type expect host keep-alive last-event-id mcp-protocol-version mcp-method mcp-name mcp-session-id te trailer transfer-encoding upgrade via".split(
    " ",
  ),
);

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const plainValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Pure. Why a header cannot be sent with every request to a server, or undefined. Shows no value. */
export function staticHeaderFault(name: string, value: string): string | undefined {
  if (!token.test(name)) return `\`${name}\` is not the name of a header`;
  const lower = name.toLowerCase();
  if (ownHeaders.has(lower) || lower.startsWith("mcp-param-")) return `the gateway sets \`${name}\` itself`;
  return plainValue.test(value) ? undefined : `the value of \`${name}\` holds a character that headers cannot carry`;
}
