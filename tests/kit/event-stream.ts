import { closeLater } from "./opened.ts";
import { until } from "./wait.ts";

/** A message of an event stream. */
export interface StreamEvent {
  readonly id: string | undefined;
  /** The `data` line; "" for an event without one. */
  readonly data: string;
}

/** An answer that comes as events. */
export interface EventStream {
  readonly status: number;
  /** What came so far. */
  readonly events: readonly StreamEvent[];
  /** Waits for an event whose data matches; throws when there is none in time. */
  sees(pattern: RegExp): Promise<StreamEvent>;
  /** Whether the other side has ended the stream. */
  readonly isEnded: () => boolean;
  close(): void;
}

/** Sends a request whose answer is read as it comes. Closed by `closeAll`. */
export async function openEvents(
  url: string,
  init: { readonly method: "GET" | "POST"; readonly body?: string; readonly headers: Readonly<Record<string, string>> },
): Promise<EventStream> {
  const abort = new AbortController();
  const close = closeLater(() => abort.abort());
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...init.headers,
  };
  const response = await fetch(url, { ...init, headers, signal: abort.signal });
  const events: StreamEvent[] = [];
  let isEnded = false;
  void read(response, events).finally(() => (isEnded = true));
  return {
    status: response.status,
    events,
    sees: (pattern) => until(`${String(pattern)} in a stream`, () => events.find(({ data }) => pattern.test(data))),
    isEnded: () => isEnded,
    close: () => void close(),
  };
}

async function read(response: Response, events: StreamEvent[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        if (block.startsWith("event:"))
          events.push({ id: /^id: (.*)$/m.exec(block)?.[1], data: /^data: ?(.*)$/m.exec(block)?.[1] ?? "" });
      }
    }
    if (rest !== "") events.push({ id: undefined, data: rest });
  } catch {
    // Closed by the test.
  }
}
