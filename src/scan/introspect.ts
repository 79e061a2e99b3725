import type { Clock } from "../clock.ts";
import { eraOfAnswer, headersForOwn, ownInfo, ownMeta } from "../gateway/own-requests.ts";
import type { ServerRecord } from "../gateway/snapshot.ts";
import type { UpstreamAnswer } from "../gateway/upstream-request.ts";
import { UpstreamSession } from "../gateway/upstream-session.ts";
import type { Logger } from "../logger.ts";
import { type EntryListKind, entryLists } from "../protocol/entry-list.ts";
import type { Era } from "../protocol/eras/era.ts";
import { legacyVersions } from "../protocol/eras/legacy.ts";
import { metaKeys, modernVersions } from "../protocol/eras/modern.ts";
import { agreedVersion } from "../protocol/eras/translate.ts";
import { errorReply, jsonRpcCodes } from "../protocol/replies.ts";
import type { UpstreamErrorCode } from "../transports/transport.ts";
import { isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";
import { boundUpstream } from "./bounded-upstream.ts";
import { type ReadList, readList, type ScanLimits } from "./read-list.ts";

/** What a look at a server needs. */
export interface IntrospectOptions {
  readonly server: Pick<ServerRecord, "name" | "upstream" | "secrets">;
  readonly limits: ScanLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** All that a server lists, or why it could not be read. */
export type Introspection =
  | {
      readonly kind: "read";
      readonly era: Era;
      readonly protocolVersion: string;
      /** Its information and instructions, as far as it gave any. */
      readonly about: JsonObject;
      readonly tools: readonly JsonObject[];
      readonly prompts: readonly JsonObject[];
      /** Resources and templates of resources. */
      readonly resources: readonly JsonObject[];
      /** Lists besides that of the tools that could not be read, and why. */
      readonly notes: readonly string[];
    }
  | IntrospectionFailure;

/** Why a server could not be read. */
export interface IntrospectionFailure {
  readonly kind: "failed";
  readonly code: UpstreamErrorCode;
  readonly message: string;
}

/**
 * Connects to a server, reads all of its lists within the limits, calls nothing, and ends the connection, a child with
 * its process group, whatever happened. Speaks the legacy era first, the modern one where the server refuses it.
 */
export async function introspect(options: IntrospectOptions): Promise<Introspection> {
  const { clock, limits } = options;
  const startMs = clock.monotonicMs();
  const legacy = await converse(options, shakeHands);
  if (legacy.kind !== "other_era") return legacy;
  const timeoutMs = Math.max(1, limits.timeoutMs - (clock.monotonicMs() - startMs));
  const modern = await converse({ ...options, limits: { ...limits, timeoutMs } }, discover);
  if (modern.kind !== "other_era") return modern;
  return failed("UPSTREAM_GARBAGE", "the server answers neither `initialize` nor `server/discover`");
}

interface OtherEra {
  readonly kind: "other_era";
}

interface Agreement {
  readonly kind: "agreed";
  readonly protocolVersion: string;
  readonly body: JsonObject;
  readonly meta: JsonObject | undefined;
}

type Ask = (method: string, params: JsonObject, headers: Readonly<Record<string, string>>) => Promise<UpstreamAnswer>;
type Agree = (session: UpstreamSession, ask: Ask) => Promise<Agreement | OtherEra | IntrospectionFailure>;

async function converse(options: IntrospectOptions, agree: Agree): Promise<Introspection | OtherEra> {
  const { limits, clock, logger, signal, server } = options;
  const { timeoutMs } = limits;
  const session = new UpstreamSession({
    server: {
      ...server,
      upstream: boundUpstream(server.upstream, limits.bytesMax),
      startTimeoutMs: timeoutMs,
      callTimeoutMs: timeoutMs,
      callDeadlineMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      showDenied: false,
    },
    use: "exclusive",
    clock,
    logger,
    onNotification: () => {},
    onRequest: ({ message }) => {
      const text =
        message.method === "ping"
          ? JSON.stringify({ jsonrpc: "2.0", id: message.id, result: {} })
          : errorReply(message.id, jsonRpcCodes.methodNotFound, "a scan answers no requests");
      void session.pass({ text, kind: "response", era: "legacy", headers: {} });
    },
    onEnd: () => {},
  });
  let asked = "";
  const ask: Ask = (method, params, headers) => {
    asked = method;
    return session.ask(method, params, timeoutMs, headers);
  };
  const stop = new AbortController();
  const late = new Promise<IntrospectionFailure>((resolve) => {
    const timer = setTimeout(
      () =>
        resolve(
          failed(
            "UPSTREAM_TIMEOUT",
            `the server was not read within ${Math.round(timeoutMs / 1000)} s: it has not answered \`${asked}\`; where a package is installed first, give it longer with \`--timeout\` of \`callgate scan\` and \`callgate ci\`, up to 5m`,
          ),
        ),
      timeoutMs,
    );
    const onAbort = (): void => resolve(failed("UPSTREAM_TIMEOUT", "the scan was stopped"));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { signal: stop.signal });
    stop.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  try {
    return await Promise.race([readAll(session, agree, ask, limits), late]);
  } finally {
    stop.abort();
    await session.close();
  }
}

async function readAll(
  session: UpstreamSession,
  agree: Agree,
  ask: Ask,
  limits: ScanLimits,
): Promise<Introspection | OtherEra> {
  const agreed = await agree(session, ask);
  if (agreed.kind !== "agreed") return agreed;
  const { body, protocolVersion, meta } = agreed;
  const askNow = (method: string, params: JsonObject): Promise<UpstreamAnswer> =>
    ask(method, meta === undefined ? params : { ...params, _meta: meta }, headersForOwn(method, meta, protocolVersion));
  const capabilities = ownMember(body, "capabilities");
  const has = (name: string): boolean => isObject(capabilities) && ownMember(capabilities, name) !== undefined;
  const read = (method: string, kind: EntryListKind): Promise<ReadList> =>
    readList((params) => askNow(method, params), kind, limits);
  const tools = await read("tools/list", { list: "tools", key: "name" });
  if (tools.kind === "failed") return failed("UPSTREAM_GARBAGE", tools.message);
  // A server without tools refuses to list them; one that says it has some must.
  if (tools.kind === "refused" && has("tools")) return failed("UPSTREAM_GARBAGE", tools.message);
  const notes: string[] = [];
  const more = async (method: string, isThere: boolean): Promise<readonly JsonObject[]> => {
    const kind = entryLists[method];
    if (kind === undefined || !isThere) return [];
    const list = await read(method, kind);
    if (list.kind === "listed") return list.entries;
    // Nothing in the handshake says whether there are templates.
    const isUnknown = list.kind === "refused" && list.errorCode === jsonRpcCodes.methodNotFound;
    if (!(isUnknown && method === "resources/templates/list")) notes.push(list.message);
    return [];
  };
  const prompts = await more("prompts/list", has("prompts"));
  const resources = await more("resources/list", has("resources"));
  const templates = await more("resources/templates/list", has("resources"));
  return {
    kind: "read",
    era: meta === undefined ? "legacy" : "modern",
    protocolVersion,
    about: aboutOf(body),
    tools: tools.kind === "listed" ? tools.entries : [],
    prompts,
    resources: [...resources, ...templates],
    notes,
  };
}

function aboutOf(body: JsonObject): JsonObject {
  const meta = ownMember(body, "_meta");
  const info = ownMember(body, "serverInfo") ?? (isObject(meta) ? ownMember(meta, metaKeys.serverInfo) : undefined);
  const instructions = ownMember(body, "instructions");
  const about: Record<string, JsonValue> = {};
  if (info !== undefined) about["serverInfo"] = info;
  if (instructions !== undefined) about["instructions"] = instructions;
  return about;
}

/** MCP 2025-11-25, Lifecycle §Initialization, with no capability. */
async function shakeHands(session: UpstreamSession, ask: Ask): Promise<Agreement | OtherEra | IntrospectionFailure> {
  const hello = { protocolVersion: legacyVersions.at(-1) ?? "", capabilities: {}, clientInfo: ownInfo };
  const answer = await ask("initialize", hello, {});
  if (answer.kind === "failed") return failed(answer.code, answer.message);
  if (answer.kind === "cancelled" || answer.response.isError) return { kind: "other_era" };
  const { body } = answer.response;
  const protocolVersion = agreedVersion(body);
  if (protocolVersion === undefined)
    return failed("UPSTREAM_GARBAGE", "the server's handshake names no revision that is known");
  const method = "notifications/initialized";
  const headers = headersForOwn(method, undefined, protocolVersion);
  await session.pass({
    text: JSON.stringify({ jsonrpc: "2.0", method }),
    kind: "notification",
    era: "legacy",
    headers,
  });
  return { kind: "agreed", protocolVersion, body, meta: undefined };
}

/** MCP 2026-07-28, Discovery. */
async function discover(_: UpstreamSession, ask: Ask): Promise<Agreement | OtherEra | IntrospectionFailure> {
  const method = "server/discover";
  const answer = await ask(method, { _meta: ownMeta }, headersForOwn(method, ownMeta, undefined));
  const era = eraOfAnswer(answer);
  if (era === "legacy") return { kind: "other_era" };
  if (era !== "modern") return failed(era.code, era.message);
  const body = answer.kind === "answered" && !answer.response.isError ? answer.response.body : {};
  return { kind: "agreed", protocolVersion: modernVersions[0], body, meta: ownMeta };
}

function failed(code: UpstreamErrorCode, message: string): IntrospectionFailure {
  return { kind: "failed", code, message };
}
