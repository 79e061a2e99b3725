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

const bodies = allowedCalls.map(({ args }) => callParams(args));

function callParams(args: object): string {
  const build = (note: string): string =>
    JSON.stringify({ name: ruledTool, arguments: { ...args, note }, _meta: meta });
  return build("n".repeat(requestBytes - build("").length - 60));
}

/** The text of an allowed call of about 1 KB; its id was never used before. */
export function callText(): string {
  lastId += 1;
  return `{"jsonrpc":"2.0","id":${lastId},"method":"tools/call","params":${bodies[lastId % bodies.length] ?? ""}}`;
}

/** The parameters of a call that the policy of the benches denies. */
export const deniedCallParams: Readonly<Record<string, unknown>> = {
  name: ruledTool,
  arguments: { ...allowedCalls[0]?.args, amount: 1_000_000 },
};
