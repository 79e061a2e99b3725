import { AppError, type ErrorCode } from "../errors.ts";
import { classifyClientMessage } from "../protocol/classify.ts";
import { outgoingHeaders } from "../protocol/outgoing-headers.ts";
import { gatewayErrorCodes, jsonRpcCodes } from "../protocol/replies.ts";
import { createSseParser } from "../protocol/sse-parser.ts";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";
import {
  type Judgement,
  messageRule,
  notListed,
  type Replay,
  type ReplayAction,
  serverOf,
  type StepOutcome,
} from "./attack.ts";
import type { Stage } from "./play.ts";

/** A gateway that runs, with the server that the attack is played against. */
export interface LiveGateway {
  /** `http://127.0.0.1:7777/` */
  readonly origin: string;
  /** The name at that gateway of the server that the policy is about; others have the name that the replay gives them. */
  readonly server: string;
  /** The agent's token. */
  readonly token: string;
}

const timeoutMs = 60_000;
const answerBytesMax = 8 * 1024 * 1024;
const metaPrefix = "io.modelcontextprotocol";
const meta = {
  [`${metaPrefix}/protocolVersion`]: "2026-07-28",
  [`${metaPrefix}/clientCapabilities`]: { sampling: {}, elicitation: {}, roots: {} },
  [`${metaPrefix}/clientInfo`]: { name: "callgate-attacks", version: "1" },
};

/** On the wire a hidden tool and one that does not exist cannot be told apart (policy.md §4). */
export const hiddenOrUnknown: Judgement = { kind: "stopped", code: "hidden_or_unknown", rule: "(not on the wire)" };

/** The gateway refused a message before any policy; only its records say what is wrong with it. */
export const refusedMessage: Judgement = { kind: "stopped", code: "message_rejected", rule: messageRule };

/** Faults of the gateway by which nothing of a request reached a server: no step was tried. */
const unreached = [
  "UPSTREAM_START_FAILED",
  "UPSTREAM_OVERLOADED",
  "UPSTREAM_REFUSED",
  "UPSTREAM_CREDENTIALS",
  "UPSTREAM_SESSION_ENDED",
] as const satisfies readonly ErrorCode[];

/**
 * A stage in front of a running gateway: what it does not deny runs on the server behind it. Performing throws
 * `UPSTREAM_REFUSED` for a gateway that does not take the token or has no such server for it, `UPSTREAM_GARBAGE` for one
 * that cannot be understood or reached, and the gateway's own code when it does not reach its server. Nothing to close.
 */
export function createLiveStage({ origin, server, token }: LiveGateway, replay: Replay): Stage {
  let id = 0;
  const urlOf = (action: ReplayAction): string =>
    new URL(`mcp/${encodeURIComponent(serverOf(replay, action) ?? server)}`, origin).href;
  const ask = async (action: ReplayAction, method: string, params: JsonObject): Promise<JsonObject> => {
    id += 1;
    const text = JSON.stringify({ jsonrpc: "2.0", id, method, params: { ...params, _meta: meta } });
    const schema = replay.tools.find(({ name }) => name === params["name"])?.inputSchema;
    return (await exchange(urlOf(action), token, text, mirrorsOf(text, schema))).answer;
  };
  const isListed = async (action: ReplayAction, tool: string): Promise<boolean> => {
    for (let cursor: JsonValue | undefined; ;) {
      const result = objectAt(await ask(action, "tools/list", cursor === undefined ? {} : { cursor }), "result");
      const tools = ownMember(result, "tools");
      if (isList(tools) && tools.some((one) => isObject(one) && one["name"] === tool)) return true;
      cursor = ownMember(result, "nextCursor");
      if (cursor === undefined) return false;
    }
  };
  const perform = async (action: ReplayAction): Promise<StepOutcome> => {
    switch (action.kind) {
      case "see":
        return (await isListed(action, action.tool)) ? { kind: "passed" } : notListed;
      case "call":
        return outcomeOf(await ask(action, "tools/call", { name: action.tool, arguments: action.args }), action.tool);
      case "ask": {
        const answer = await ask(action, "tools/call", { name: action.tool, arguments: {} });
        // The gateway says that it withheld the answer, and for which door; the rule is that door's.
        return messageOf(answer).includes(`let it ask for (${action.door})`)
          ? { kind: "stopped", code: "door_denied", rule: `/${action.door}` }
          : outcomeOf(answer, action.tool);
      }
      case "read":
        return outcomeOf(await ask(action, "resources/read", { uri: action.uri }));
      case "prompt":
        return outcomeOf(await ask(action, "prompts/get", { name: action.prompt }));
      case "send": {
        const { status, answer } = await exchange(urlOf(action), token, action.text, { ...action.headers });
        return status === 400 ? refusedMessage : outcomeOf(answer);
      }
    }
  };
  return { perform, close: () => Promise.resolve() };
}

/**
 * Pure. What an answer says of the decision: a denial carries it, and the gateway's words on an unknown tool are one. Any
 * other error is the server's, or of the way to it; all else went through.
 */
function outcomeOf(answer: JsonObject, tool?: string): StepOutcome {
  const error = objectAt(answer, "error");
  const inResult = objectAt(objectAt(objectAt(answer, "result"), "_meta"), "callgate/decision");
  const { code, rule } = { ...objectAt(error, "data"), ...inResult };
  if (typeof code === "string" && typeof rule === "string") return { kind: "stopped", code, rule };
  if (ownMember(answer, "error") === undefined) return { kind: "passed" };
  const message = messageOf(answer);
  if (error["code"] === jsonRpcCodes.invalidParams && message === `Unknown tool: ${tool}`) return hiddenOrUnknown;
  return { kind: "failed", message };
}

function messageOf(answer: JsonObject): string {
  const message = ownMember(objectAt(answer, "error"), "message");
  return typeof message === "string" ? message : "";
}

function mirrorsOf(text: string, schema: JsonObject | undefined): Readonly<Record<string, string>> {
  const message = classifyClientMessage(new TextEncoder().encode(text), { transport: "stdio" });
  if (message.kind !== "request") throw new AppError("INTERNAL", "a replay holds what is no message");
  return outgoingHeaders({ message, protocolVersion: undefined, ...(schema === undefined ? {} : { schema }) });
}

async function exchange(
  url: string,
  token: string,
  text: string,
  mirrors: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly answer: JsonObject }> {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...mirrors,
  };
  const signal = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let body: Uint8Array;
  try {
    response = await fetch(url, { method: "POST", body: text, headers, signal, redirect: "error" });
    body = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const message = `\`${url}\` cannot be reached: check the address, and that the gateway runs`;
    throw new AppError("UPSTREAM_GARBAGE", message, { cause });
  }
  const answer = readAnswer(body, response.headers.get("content-type") ?? "");
  refuseUnreached(url, response.status, answer);
  if (answer !== undefined) return { status: response.status, answer };
  throw new AppError(
    "UPSTREAM_GARBAGE",
    `\`${url}\` answered ${response.status} without an MCP message: check the address`,
  );
}

/** Throws when no server got the request: that is neither a denial nor a way through. */
function refuseUnreached(url: string, status: number, answer: JsonObject | undefined): void {
  if (status === 401 || status === 403) {
    const message = `\`${url}\` answered ${status}: check the token, and that its grant has this server`;
    throw new AppError("UPSTREAM_REFUSED", message);
  }
  if (answer === undefined) return;
  const code = objectAt(answer, "error")["code"];
  if (code === gatewayErrorCodes.UNAUTHORIZED) {
    const message = `\`${url}\` answered ${status}: this token opens no server of that name there: register it, or add it to the grant`;
    throw new AppError("UPSTREAM_REFUSED", message);
  }
  const fault = unreached.find((name) => gatewayErrorCodes[name] === code);
  if (fault === undefined) return;
  throw new AppError(
    fault,
    `the gateway did not reach the server of \`${url}\`: ${messageOf(answer).replaceAll(/\p{C}+/gu, " ")}`,
  );
}

function readAnswer(body: Uint8Array, contentType: string): JsonObject | undefined {
  const texts = contentType.startsWith("text/event-stream")
    ? createSseParser(answerBytesMax)
        .push(body)
        .flatMap((item) => (item.kind === "event" ? [item.data] : []))
    : [body];
  return texts
    .map(toObject)
    .findLast((message) => message !== undefined && ("result" in message || isObject(message["error"])));
}

function toObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = ownMember(object, key);
  return isObject(value) ? value : {};
}
