import { Pool } from "undici";
import type { Lane } from "./lane.ts";
import { callText, initializedText, initializeText, legacyRequestText, legacyVersion } from "./messages.ts";

/**
 * Opens one legacy session at an address and gives so many lanes on it. Answers may come as JSON or as an event stream.
 * Rejects when the handshake does not end in a session or its result.
 */
export async function openSessionLanes(url: string, token: string, count: number): Promise<readonly Lane[]> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: count, pipelining: 1 });
  const headers: Record<string, string> = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const post = async (body: string): Promise<{ readonly text: string; readonly sessionId: string | undefined }> => {
    const response = await pool.request({ method: "POST", path: pathname, headers, body });
    const text = await response.body.text();
    const sessionId = response.headers["mcp-session-id"];
    return { text: messageOf(text), sessionId: typeof sessionId === "string" ? sessionId : undefined };
  };
  const { text, sessionId } = await post(initializeText());
  if (!text.includes('"result"')) throw new Error(`no handshake at ${url}: ${text.slice(0, 300)}`);
  if (sessionId !== undefined) headers["mcp-session-id"] = sessionId;
  headers["mcp-protocol-version"] = legacyVersion;
  await post(initializedText);
  const lane: Lane = {
    call: async () => (await post(callText("legacy"))).text,
    ask: async (method, params) => (await post(legacyRequestText(method, params))).text,
    close: () => void pool.destroy(),
  };
  return Array.from({ length: count }, () => lane);
}

/** The message in a body: the body itself, or the data of its last event. */
function messageOf(text: string): string {
  if (text.startsWith("{")) return text;
  const at = text.lastIndexOf("data: ");
  return at === -1 ? text : text.slice(at + 6).trimEnd();
}
