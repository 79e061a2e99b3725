import type { HttpClient } from "./clients.ts";
import { modernHeaders, modernRequest } from "./messages.ts";
import { closeLater } from "./opened.ts";

/** A stream that a client opened to hear what the server says of its own accord. */
export interface NewsStream {
  readonly status: number;
  /** All that came so far. */
  text(): string;
  close(): void;
  /** Resolves when the stream is over. */
  readonly ended: Promise<unknown>;
}

/** The id of the `subscriptions/listen` that {@link openNews} sends in the modern era. */
export const newsId = 9;

/** The headers of a client that takes streams. */
export function streamHeaders(client: HttpClient, token: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    ...(client.sessionId === undefined ? {} : { "mcp-session-id": client.sessionId }),
  };
}

/** Opens a stream for changes of tools: GET in the legacy era, `subscriptions/listen` in the modern. Closed by `closeAll`. */
export async function openNews(url: string, token: string, client: HttpClient): Promise<NewsStream> {
  const stop = new AbortController();
  const method = "subscriptions/listen";
  const isModern = client.sessionId === undefined;
  const body = modernRequest(newsId, method, { notifications: { toolsListChanged: true } });
  const response = await fetch(url, {
    ...(isModern ? { method: "POST", body } : { method: "GET" }),
    headers: { ...streamHeaders(client, token), ...(isModern ? modernHeaders(method) : {}) },
    signal: stop.signal,
  });
  let text = "";
  const ended = readStream(response, (all) => (text = all));
  const close = closeLater(() => stop.abort());
  return { status: response.status, text: () => text, close: () => void close(), ended };
}

/** Reads an answer as it comes, until it ends or is given up; hands over all that came so far each time. */
export async function readStream(response: Response, onText: (text: string) => void): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) onText((text += decoder.decode(chunk, { stream: true })));
  } catch {
    // Given up: what came until then counts.
  }
  return text;
}
