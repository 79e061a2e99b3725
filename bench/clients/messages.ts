import { allowedCalls, ruledTool } from "../workload.ts";

/** The revision that the clients of the benches speak. */
export const protocolVersion = "2026-07-28";

const meta = {
  "io.modelcontextprotocol/protocolVersion": protocolVersion,
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
};

/** Bytes of the whole request. */
const requestBytes = 1_024;

let lastId = 0;

/** A modern request as text; its id was never used before. */
export function requestText(method: string, params: Readonly<Record<string, unknown>>): string {
  lastId += 1;
  return JSON.stringify({ jsonrpc: "2.0", id: lastId, method, params: { ...params, _meta: meta } });
}

/** The handshake's era (to 2025-11-25) has no metadata in every request. */
export type Era = "modern" | "legacy";

const bodies: Readonly<Record<Era, readonly string[]>> = {
  modern: allowedCalls.map(({ args }) => callParams(args, { _meta: meta })),
  legacy: allowedCalls.map(({ args }) => callParams(args, {})),
};

function callParams(args: object, more: object): string {
  const build = (note: string): string => JSON.stringify({ name: ruledTool, arguments: { ...args, note }, ...more });
  return build("n".repeat(requestBytes - build("").length - 60));
}

/** The text of an allowed call of about 1 KB; its id was never used before. */
export function callText(era: Era = "modern"): string {
  lastId += 1;
  const params = bodies[era][lastId % allowedCalls.length] ?? "";
  return `{"jsonrpc":"2.0","id":${lastId},"method":"tools/call","params":${params}}`;
}

/** The revision of {@link initializeText the handshake}. */
export const legacyVersion = "2025-11-25";

/** The first message of a legacy client. */
export function initializeText(): string {
  lastId += 1;
  const params = { protocolVersion: legacyVersion, capabilities: {}, clientInfo: { name: "bench", version: "1" } };
  return JSON.stringify({ jsonrpc: "2.0", id: lastId, method: "initialize", params });
}

/** The second message of a legacy client. */
export const initializedText = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

/** A legacy request as text; its id was never used before. */
export function legacyRequestText(method: string, params: Readonly<Record<string, unknown>>): string {
  lastId += 1;
  return JSON.stringify({ jsonrpc: "2.0", id: lastId, method, params });
}

/** The parameters of a call that the policy of the benches denies. */
export const deniedCallParams: Readonly<Record<string, unknown>> = {
  name: ruledTool,
  arguments: { ...allowedCalls[0]?.args, amount: 1_000_000 },
};
