import { gzipSync } from "node:zlib";

/** One request as raw bytes, and what must come of it. */
export interface HttpCase {
  readonly id: string;
  readonly input: string;
  /** The lines before the body, without line ends; `<host>`, `<token>` and `<length>` are filled in. */
  readonly head: readonly string[];
  readonly body: string | Uint8Array;
  /** The statuses of which one must come; `"none"`: the connection is closed without an answer. */
  readonly statuses: readonly (number | "none")[];
  /** The JSON-RPC error code. */
  readonly code?: number;
  /** Whether the gateway must close the connection. */
  readonly closes?: true;
  /** Whether the call goes through: only then the server may see it. */
  readonly isForwarded?: true;
  /** What stands between lines instead of CR LF. */
  readonly lineEnd?: string;
}

const meta =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';

/** A modern call of a tool. */
export function callOf(tool: string, args = "{}"): string {
  return `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{${meta},"name":"${tool}","arguments":${args}}}`;
}

/** A request that goes through. */
export const goodHead: readonly string[] = [
  "POST /mcp/echo HTTP/1.1",
  "Host: <host>",
  "Authorization: Bearer <token>",
  "Content-Type: application/json",
  "Accept: application/json, text/event-stream",
  "MCP-Protocol-Version: 2026-07-28",
  "Mcp-Method: tools/call",
  "Mcp-Name: safe",
  "Content-Length: <length>",
];

/** The lines of a good request with those of one header (or, with `POST`, the first line) replaced by others, or none. */
export function withLines(name: string, ...lines: readonly string[]): readonly string[] {
  const isMeant = (line: string): boolean => line.toLowerCase().startsWith(name.toLowerCase());
  const at = goodHead.findIndex(isMeant);
  return at === -1 ? [...goodHead, ...lines] : [...goodHead.slice(0, at), ...lines, ...goodHead.slice(at + 1)];
}

const headerMismatch = -32020;
const safe = callOf("safe");

function mismatch(id: string, input: string, head: readonly string[], body = safe): HttpCase {
  return { id, input, head, body, statuses: [400], code: headerMismatch };
}

function passes(id: string, input: string, head: readonly string[]): HttpCase {
  return { id, input, head, body: safe, statuses: [200], isForwarded: true };
}

function refused(id: string, input: string, statuses: HttpCase["statuses"], head: readonly string[]): HttpCase {
  return { id, input, head, body: safe, statuses };
}

function closed(id: string, input: string, head: readonly string[], body: string = safe): HttpCase {
  return { id, input, head, body, statuses: [400], closes: true };
}

const mirrors: readonly HttpCase[] = [
  mismatch("B124", "`Mcp-Name` safe over a body that calls evil", goodHead, callOf("evil")),
  mismatch("B124", "`Mcp-Name` in another case", withLines("Mcp-Name", "Mcp-Name: Safe")),
  mismatch("B124", "`Mcp-Name` as base64 of another tool", withLines("Mcp-Name", "Mcp-Name: =?base64?ZXZpbA==?=")),
  passes("B124", "`Mcp-Name` as base64 of the tool", withLines("Mcp-Name", "Mcp-Name: =?base64?c2FmZQ==?=")),
  mismatch("B125", "`Mcp-Method` ping over a call", withLines("Mcp-Method", "Mcp-Method: ping")),
  mismatch("B126", "`Mcp-Name` missing", withLines("Mcp-Name")),
  mismatch("B126", "`Mcp-Method` missing", withLines("Mcp-Method")),
  mismatch("B126", "`MCP-Protocol-Version` missing", withLines("MCP-Protocol-Version")),
  mismatch("B128", "two `Mcp-Name`", withLines("Mcp-Name", "Mcp-Name: safe", "Mcp-Name: evil")),
  mismatch("B128", "two equal `Mcp-Name`", withLines("Mcp-Name", "Mcp-Name: safe", "mcp-name: safe")),
  mismatch("B128", "two `Mcp-Method`", withLines("Mcp-Method", "Mcp-Method: tools/call", "Mcp-Method: ping")),
  mismatch("B130", "`mcp_name` instead of `Mcp-Name`", withLines("Mcp-Name", "mcp_name: safe")),
  passes("B130", "`mcp_name` beside `Mcp-Name`", withLines("mcp_name", "mcp_name: evil")),
  ...[
    ["B124", "a legacy call under `Mcp-Name` of another tool", "Mcp-Name", "evil"],
    ["B125", "a legacy call under another `Mcp-Method`", "Mcp-Method", "ping"],
  ].map(([id = "", input = "", name = "", value = ""]): HttpCase => ({
    id,
    input,
    head: withLines(name, `${name}: ${value}`).filter((line) => !line.startsWith("MCP-Protocol-Version")),
    body: safe.replace(`${meta},`, ""),
    statuses: [400],
    // A code of the modern era would make the client take the server for a modern one.
    code: -32600,
  })),
];

const types: readonly HttpCase[] = [
  passes(
    "B132",
    "content type in other case",
    withLines("Content-Type", "Content-Type: Application/JSON; Charset=UTF-8"),
  ),
  passes(
    "B132",
    "content type with a quoted charset",
    withLines("Content-Type", 'Content-Type: application/json;charset="utf-8"'),
  ),
  ...[
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "application/json, text/plain",
    "text/json",
    "application/json; charset=latin1",
    "application/json;",
    "",
  ].map((type) => refused("B133", `content type "${type}"`, [415], withLines("Content-Type", `Content-Type: ${type}`))),
  refused("B133", "no content type", [415], withLines("Content-Type")),
  refused(
    "B133",
    "two content types",
    [415],
    withLines("Content-Type", "Content-Type: application/json", "Content-Type: text/plain"),
  ),
  {
    id: "B134",
    input: "a gzip body that would expand to 256 MiB",
    head: withLines("Content-Encoding", "Content-Encoding: gzip"),
    body: gzipSync(Buffer.alloc(256 * 1024 * 1024, 32)),
    statuses: [415],
  },
  refused("B134", "`Content-Encoding: br`", [415], withLines("Content-Encoding", "Content-Encoding: br")),
];

const framing: readonly HttpCase[] = [
  closed(
    "B136",
    "both lengths",
    withLines("Content-Length", "Content-Length: <length>", "Transfer-Encoding: chunked"),
    `0\r\n\r\n${safe}`,
  ),
  closed(
    "B136",
    "both lengths, chunked first",
    withLines("Content-Length", "Transfer-Encoding: chunked", "Content-Length: 5"),
    `0\r\n\r\n${safe}`,
  ),
  closed("B136", "two different lengths", withLines("Content-Length", "Content-Length: <length>", "Content-Length: 5")),
  ...["xchunked", "chunked, identity", "identity, chunked, identity", "\tchunked\u000b", "chunked;q=0.5"].map(
    (encoding) =>
      closed(
        "B137",
        `transfer encoding "${encoding}"`,
        withLines("Content-Length", `Transfer-Encoding: ${encoding}`),
        `0\r\n\r\n`,
      ),
  ),
  closed("B137", "a folded header line", withLines("Accept", "Accept: application/json,", " text/event-stream")),
  closed("B137", "a space before the colon", withLines("Content-Length", "Content-Length : <length>")),
  closed("B137", "a NUL in a header", withLines("Accept", "Accept: a\u0000b")),
  closed("B137", "a length with a plus sign", withLines("Content-Length", "Content-Length: +5")),
  closed("B137", "a hexadecimal length", withLines("Content-Length", "Content-Length: 0x10")),
  { ...closed("B137", "bare LF as line end", goodHead), lineEnd: "\n" },
  { ...closed("B137", "bare CR as line end", goodHead), lineEnd: "\r" },
  {
    id: "B142",
    input: "5 MB in chunks of one byte",
    head: withLines("Content-Length", "Transfer-Encoding: chunked"),
    body: "1\r\nx\r\n".repeat(5_000_000),
    statuses: [413, 400],
    closes: true,
  },
  {
    id: "B142",
    input: "a chunk extension of 64 KB",
    head: withLines("Content-Length", "Transfer-Encoding: chunked"),
    body: `1;${"x".repeat(65_536)}\r\nx\r\n0\r\n\r\n`,
    statuses: [413, 400],
    closes: true,
  },
  {
    id: "B144",
    input: "10 GB announced with `Expect: 100-continue`",
    head: [...withLines("Content-Length", "Content-Length: 10000000000"), "Expect: 100-continue"],
    body: "",
    statuses: [413],
    closes: true,
  },
  refused("B144", "an expectation that nobody knows", [417, 400], [...goodHead, "Expect: something-else"]),
  {
    id: "B160",
    input: "one byte over the limit",
    head: goodHead,
    body: `${safe}${" ".repeat(4_194_305 - safe.length)}`,
    statuses: [413],
  },
  { ...passes("B160", "exactly the limit", goodHead), body: `${safe}${" ".repeat(4_194_304 - safe.length)}` },
  {
    id: "B168",
    input: "headers of 64 KB",
    head: withLines("Authorization", `Authorization: Bearer ${"x".repeat(65_536)}`),
    body: "",
    statuses: [431],
    closes: true,
  },
];

const methods: readonly HttpCase[] = [
  ...["GET", "PUT", "PATCH", "TRACE", "HEAD", "OPTIONS", "PROPFIND"].map((method) =>
    refused("B145", method, [405], withLines("POST", `${method} /mcp/echo HTTP/1.1`)),
  ),
  refused("B145", "DELETE without a session", [404], withLines("POST", "DELETE /mcp/echo HTTP/1.1")),
  refused("B145", "CONNECT", ["none", 400, 405], withLines("POST", "CONNECT /mcp/echo HTTP/1.1")),
  refused("B145", "a method that is none", [400], withLines("POST", "EVIL /mcp/echo HTTP/1.1")),
  ...["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"].map((name) =>
    passes("B146", name, withLines(name, `${name}: DELETE`)),
  ),
  refused(
    "B148",
    "a preflight of a foreign page",
    [403],
    [
      "OPTIONS /mcp/echo HTTP/1.1",
      "Host: <host>",
      "Origin: https://evil.example",
      "Access-Control-Request-Method: POST",
      "Content-Length: <length>",
    ],
  ),
];

const origins: readonly HttpCase[] = [
  ...[
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://127.0.0.1:9999",
    "http://<host>.evil.example",
    "file://",
    "HTTP://<host>",
    "",
  ].flatMap((origin) =>
    ["/mcp/echo", "/", "/api/v1"].map((path) =>
      refused(
        "B149",
        `origin "${origin}" at ${path}`,
        [403],
        [`POST ${path} HTTP/1.1`, ...withLines("Origin", `Origin: ${origin}`).slice(1)],
      ),
    ),
  ),
  refused("B149", "two origins", [403], withLines("Origin", "Origin: http://<host>", "Origin: https://evil.example")),
  passes("B149", "the gateway's own origin", withLines("Origin", "Origin: http://<host>")),
  ...[
    "evil.example",
    "<host>.evil.example",
    "localhost:1",
    "127.0.0.1.nip.io",
    "user@<host>",
    "<host>@evil.example",
    "127.1",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",
  ].map((host) => refused("B150", `host "${host}"`, [400, 403, 421], withLines("Host", `Host: ${host}`))),
  refused("B150", "no host", [400], withLines("Host")),
  refused("B150", "two hosts", [400], withLines("Host", "Host: <host>", "Host: evil.example")),
  refused("B150", "an empty host", [400, 421], withLines("Host", "Host: ")),
  refused("B150", "HTTP/1.0 without a host", [400], ["POST /mcp/echo HTTP/1.0", ...withLines("Host").slice(1)]),
  refused(
    "B150",
    "a foreign host in the request target",
    [404, 421, 403, 400],
    withLines("POST", "POST http://evil.example/mcp/echo HTTP/1.1"),
  ),
  ...[
    "X-Forwarded-Host",
    "Forwarded",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Forwarded-Proto",
    "X-Forwarded-For",
  ].flatMap((name) => [
    passes("B152", `${name} beside the right host`, withLines(name, `${name}: evil.example`)),
    refused(
      "B152",
      `${name} that names the right host, beside a foreign one`,
      [421],
      [...withLines("Host", "Host: evil.example"), `${name}: ${name === "Forwarded" ? "host=<host>" : "<host>"}`],
    ),
  ]),
  ...[
    "<host>/mcp/echo",
    "<host>?x",
    "<host> evil.example",
    "evil@<host>",
    "<host>#",
    "<host>\\evil",
    "<host>,evil.example",
  ].map((host) => refused("B153", `host "${host}"`, [400, 421], withLines("Host", `Host: ${host}`))),
];

const callers: readonly HttpCase[] = [
  ...["GoogleHC/1.0", "kube-probe/1.30", "ELB-HealthChecker/2.0"].map((agent) =>
    refused("B154", `${agent} without a token`, [401], [...withLines("Authorization"), `User-Agent: ${agent}`]),
  ),
  ...["/mcp/echo", "/mcp/other"].map((path) =>
    refused(
      "B156",
      `${path} without a token`,
      [401],
      [`POST ${path} HTTP/1.1`, ...withLines("Authorization").slice(1)],
    ),
  ),
  ...[
    "/",
    "/mcp",
    "/mcp/",
    "/mcp/echo/",
    "/mcp/echo?access_token=<token>",
    "/mcp//echo",
    "/mcp/%65cho",
    "/mcp/echo%00",
    "/mcp/../mcp/echo",
    "/MCP/echo",
    "/api/v1/grants",
    "/metrics",
    "/.env",
    "/mcp/echo;x",
  ].map((path) =>
    refused(
      "B156",
      `${path} is no way in`,
      [404, 401],
      [`POST ${path} HTTP/1.1`, ...withLines("Authorization").slice(1)],
    ),
  ),
  ...["Accept: text/html", "Accept: */*;q=0", "X-Nothing: x"].map((line) =>
    passes("B157", `\`${line}\` instead of an Accept for MCP`, withLines("Accept", line)),
  ),
  passes("B158", "`Last-Event-ID` of somebody", withLines("Last-Event-ID", "Last-Event-ID: 1")),
  refused("B164", "no `Authorization`", [401], withLines("Authorization")),
  ...[
    "",
    "Bearer",
    "Bearer ",
    "Basic eDp5",
    "Bearer  <token>",
    "Bearer <token> ,x",
    "<token>",
    "Bearer <token>,Bearer x",
  ].map((value) =>
    refused("B164", `\`Authorization: ${value}\``, [401], withLines("Authorization", `Authorization: ${value}`)),
  ),
  refused(
    "B164",
    "two `Authorization`",
    [401],
    withLines("Authorization", "Authorization: Bearer <token>", "Authorization: Bearer <token>"),
  ),
  refused("B165", "the token in a cookie", [401], withLines("Authorization", "Cookie: access_token=<token>")),
  refused(
    "B166",
    "a well-formed token that nobody has",
    [401],
    withLines("Authorization", `Authorization: Bearer cg_x_${"A".repeat(43)}`),
  ),
];

const sessions: readonly HttpCase[] = [
  refused(
    "B164",
    "DELETE without a token",
    [401],
    ["DELETE /mcp/echo HTTP/1.1", ...withLines("Authorization", "Mcp-Session-Id: session_x").slice(1)],
  ),
  refused(
    "B145",
    "DELETE of a session that is not there",
    [404],
    ["DELETE /mcp/echo HTTP/1.1", ...withLines("Mcp-Session-Id", "Mcp-Session-Id: session_x").slice(1)],
  ),
  passes("B145", "an upgrade to another protocol is not taken", [
    ...withLines(
      "Connection",
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ),
  ]),
];

/** Group 4, and of group 5 what holds of tokens in headers: as far as it stands today. */
export const httpCases: readonly HttpCase[] = [
  ...mirrors,
  ...types,
  ...framing,
  ...methods,
  ...origins,
  ...callers,
  ...sessions,
];
