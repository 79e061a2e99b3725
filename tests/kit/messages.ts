/** A JSON object of a message. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The revision that legacy helpers speak. */
export const legacyVersion = "2025-11-25";
/** The revision that modern helpers speak. */
export const modernVersion = "2026-07-28";

/** What a modern request carries in `params._meta`, as an object. */
export const modernMeta: JsonObject = {
  "io.modelcontextprotocol/protocolVersion": modernVersion,
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "kit", version: "1" },
};

/** Pure. One request as text. */
export function request(id: number | string, method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
}

/** Pure. A modern request as text: its `params` with the metadata of the era. */
export function modernRequest(id: number | string, method: string, params: JsonObject = {}): string {
  return request(id, method, { ...params, _meta: modernMeta });
}

/** Pure. A legacy `initialize` as text. */
export function initialize(id: number | string = "init"): string {
  const clientInfo = { name: "kit", version: "1" };
  return request(id, "initialize", { protocolVersion: legacyVersion, capabilities: {}, clientInfo });
}

/** What follows a legacy `initialize`. */
export const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

/** Pure. A `Mcp-Name` value: as it is, or base64 where a header cannot carry it (MCP 2026-07-28, Transports §Headers). */
export function headerValue(text: string): string {
  const isPlain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith("=?");
  return isPlain ? text : `=?base64?${Buffer.from(text).toString("base64")}?=`;
}

/** Pure. The headers that mirror a modern request. `name` is the tool of a `tools/call`. */
export function modernHeaders(method: string, name?: string): Record<string, string> {
  return {
    "mcp-protocol-version": modernVersion,
    "mcp-method": method,
    ...(name === undefined ? {} : { "mcp-name": headerValue(name) }),
  };
}

/** An answer as data; members that it has not are undefined. */
export interface Answer {
  readonly id: unknown;
  readonly result: JsonObject | undefined;
  readonly error: { readonly code: number; readonly message: string; readonly data: unknown } | undefined;
  /** `isError` of a tool's result. */
  readonly isError: boolean;
  /** The text of the first content block of a tool's result, "" without one. */
  readonly text: string;
  /** `_meta["callgate/decision"]` of a denied call. */
  readonly decision: JsonObject | undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

/** Pure. Reads the text of one answer. Throws when it is no JSON object. */
export function readAnswer(text: string): Answer {
  const message: unknown = JSON.parse(text);
  if (!isObject(message)) throw new Error(`not an answer: ${text}`);
  const { id, result, error } = message;
  const shown = member(result, "content", 0, "text");
  const decision = member(result, "_meta", "callgate/decision");
  return {
    id,
    result: isObject(result) ? result : undefined,
    error: isObject(error)
      ? { code: Number(error["code"]), message: String(error["message"]), data: error["data"] }
      : undefined,
    isError: member(result, "isError") === true,
    text: typeof shown === "string" ? shown : "",
    decision: isObject(decision) ? decision : undefined,
  };
}

/** Pure. The names in the result of a `tools/list`. */
export function toolNames(answer: Answer): string[] {
  const tools = answer.result?.["tools"];
  return Array.isArray(tools) ? tools.map((tool) => String(member(tool, "name"))) : [];
}
