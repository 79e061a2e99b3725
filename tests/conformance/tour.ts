import {
  headerValue,
  initialize,
  initialized,
  type JsonObject,
  legacyVersion,
  modernHeaders,
  modernMeta,
} from "../kit/messages.ts";
import { within } from "../kit/wait.ts";

/** What one request brought back. */
export interface Stop {
  readonly request: string;
  readonly status: number;
  /** Every message on the answer's own stream, in order. */
  readonly messages: readonly unknown[];
}

/** A revision's way to ask. */
export type TourEra = "legacy" | "modern";

const base = { "content-type": "application/json", accept: "application/json, text/event-stream" };

const everyCapability: JsonObject = {
  ...modernMeta,
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {}, sampling: {}, roots: {} },
  "io.modelcontextprotocol/logLevel": "debug",
};

/** Requests that need nothing of the client but to read. Pure data: method and params. */
const questions: readonly (readonly [method: string, params?: JsonObject])[] = [
  ["tools/list"],
  ["resources/list"],
  ["resources/templates/list"],
  ["prompts/list"],
  ...[
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_error_handling",
    "test_tool_with_logging",
    "test_logging_tool",
    "no_such_tool",
  ].map((name) => ["tools/call", { name, arguments: {} }] as const),
  ["tools/call", { name: "test_tool_with_progress", arguments: {}, _meta: { progressToken: "p-1" } }],
  ["tools/call", { name: "test_x_mcp_header", arguments: { region: "Zürich", level: 3 } }],
  ["tools/call", { name: "test_x_mcp_header", arguments: { region: 5 } }],
  ["tools/call", { name: "json_schema_2020_12_tool", arguments: { name: "x", email: "x@example.com" } }],
  ["resources/read", { uri: "test://static-text" }],
  ["resources/read", { uri: "test://static-binary" }],
  ["resources/read", { uri: "test://template/7/data" }],
  ["resources/read", { uri: "test://nothing-here" }],
  ["prompts/get", { name: "test_simple_prompt" }],
  ["prompts/get", { name: "test_prompt_with_arguments", arguments: { arg1: "a", arg2: "b" } }],
  ["prompts/get", { name: "test_prompt_with_embedded_resource", arguments: { resourceUri: "test://x" } }],
  ["prompts/get", { name: "test_prompt_with_image" }],
  ["prompts/get", { name: "no_such_prompt" }],
  [
    "completion/complete",
    { ref: { type: "ref/prompt", name: "test_prompt_with_arguments" }, argument: { name: "arg1", value: "par" } },
  ],
  ["no/such/method"],
];

const byEra: Readonly<Record<TourEra, typeof questions>> = {
  legacy: [
    ["ping"],
    ["logging/setLevel", { level: "debug" }],
    ["resources/subscribe", { uri: "test://watched-resource" }],
    ["resources/unsubscribe", { uri: "test://watched-resource" }],
  ],
  modern: [
    ["server/discover"],
    ...["elicitation", "sampling", "list_roots", "capabilities"].map(
      (name) => ["tools/call", { name: `test_input_required_result_${name}`, arguments: {} }] as const,
    ),
    ["prompts/get", { name: "test_input_required_result_prompt" }],
    ["tools/call", { name: "test_sampling", arguments: { prompt: "hello" } }],
    ["tools/call", { name: "test_elicitation_sep1330_enums", arguments: {} }],
  ],
};

/** Asks a server everything there is and notes all that comes back. */
export async function tour(url: string, era: TourEra): Promise<readonly Stop[]> {
  const stops: Stop[] = [];
  const session = era === "legacy" ? await openSession(url, stops) : {};
  for (const [index, [method, params = {}]] of [...byEra[era], ...questions].entries()) {
    const meta = era === "legacy" ? params["_meta"] : { ...everyCapability, ...objectOf(params["_meta"]) };
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: index + 1,
      method,
      params: { ...params, ...(meta === undefined ? {} : { _meta: meta }) },
    });
    const headers = era === "legacy" ? session : { ...base, ...headersOf(method, params) };
    stops.push(await ask(url, `${method} ${JSON.stringify(params)}`, body, headers));
  }
  return stops;
}

function headersOf(method: string, params: JsonObject): Record<string, string> {
  const name = params[method === "resources/read" ? "uri" : "name"];
  const region = objectOf(params["arguments"])["region"];
  return {
    ...modernHeaders(method, typeof name === "string" ? name : undefined),
    ...(region === undefined
      ? {}
      : { "mcp-param-region": typeof region === "string" ? headerValue(region) : JSON.stringify(region) }),
  };
}

/** Opens a legacy session, listens, has both lists change, and returns what was heard. */
export async function hearChanges(url: string): Promise<readonly unknown[]> {
  const session = await openSession(url, []);
  const listening = new AbortController();
  const headers = { ...session, accept: "text/event-stream" };
  const stream = await fetch(url, { headers, signal: listening.signal });
  const heard: unknown[] = [];
  const call = async (name: string): Promise<Stop> => {
    const params = { name, arguments: {} };
    return ask(url, name, JSON.stringify({ jsonrpc: "2.0", id: name, method: "tools/call", params }), session);
  };
  const reading = readUntil(stream, (messages) => {
    heard.splice(0, heard.length, ...messages);
    return heard.length >= 2;
  });
  await call("test_trigger_tool_change");
  await call("test_trigger_prompt_change");
  await within("both notifications", reading);
  listening.abort();
  return heard;
}

async function readUntil(response: Response, isDone: (messages: readonly unknown[]) => boolean): Promise<void> {
  if (response.body === null) throw new Error(`no stream: ${response.status}`);
  let text = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    // Whole events only: a piece may end anywhere.
    if (isDone(messagesOf(text.slice(0, text.lastIndexOf("\n\n") + 1)))) return;
  }
  throw new Error(`the stream ended after: ${text}`);
}

async function openSession(url: string, stops: Stop[]): Promise<Record<string, string>> {
  const response = await fetch(url, { method: "POST", headers: base, body: initialize() });
  stops.push({ request: "initialize", status: response.status, messages: messagesOf(await response.text()) });
  const headers = {
    ...base,
    "mcp-protocol-version": legacyVersion,
    "mcp-session-id": response.headers.get("mcp-session-id") ?? "",
  };
  stops.push(await ask(url, "notifications/initialized", initialized, headers));
  return headers;
}

async function ask(
  url: string,
  request: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Stop> {
  const response = await fetch(url, { method: "POST", headers, body });
  return { request, status: response.status, messages: messagesOf(await response.text()) };
}

/** The messages of an event stream, or the one of a JSON body. */
function messagesOf(body: string): readonly unknown[] {
  if (body === "") return [];
  if (body.startsWith("{")) return [JSON.parse(body)];
  const data = body.split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice("data: ".length)] : []));
  return data.filter((text) => text.trim() !== "").map((text): unknown => JSON.parse(text));
}

function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
