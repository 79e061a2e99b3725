import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { closeLater } from "../kit/opened.ts";

/** A host that tells what it was asked for. */
export interface CanaryHost {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Paths and queries that were asked for, in order. */
  asked(): readonly string[];
  /** The requests whole, in order: method, path with query, and body, with a space between. */
  requests(): readonly string[];
}

/** What it answers with. */
export const canaryText = "what the host holds";

/** Pure. What a host answers a request with: a text as it is, anything else as JSON. */
export type HostAnswer = (method: string, path: string) => unknown;

/** What a host was asked for, and the listener that writes it down and answers. */
export interface RequestRecorder {
  readonly listener: RequestListener;
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body: string }[];
}

/** Starts a host on a free port of 127.0.0.1; without `answer` it answers everything with {@link canaryText}. Closed by `closeAll`. */
export async function startCanaryHost(answer: HostAnswer = () => canaryText): Promise<CanaryHost> {
  const { listener, requests } = recordRequests(answer);
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port for the host");
  closeLater(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    origin: `http://127.0.0.1:${address.port}`,
    asked: () => requests.map(({ path }) => path),
    requests: () => requests.map(({ method, path, body }) => `${method} ${path} ${body}`.trimEnd()),
  };
}

/** A listener that writes down every request as it comes and answers it. */
export function recordRequests(answer: HostAnswer): RequestRecorder {
  const requests: { method: string; path: string; body: string }[] = [];
  const take = async (request: IncomingMessage): Promise<unknown> => {
    const { method = "", url = "" } = request;
    // An absolute address is what a proxy is asked for.
    const path = url.startsWith("/") ? url : url.slice(new URL(url).origin.length);
    const asked = { method, path, body: "" };
    requests.push(asked);
    asked.body = await text(request);
    return answer(method, path);
  };
  const listener: RequestListener = (request, response) =>
    void take(request).then(
      (value) => {
        const isText = typeof value === "string";
        response.setHeader("content-type", isText ? "text/plain" : "application/json");
        response.end(isText ? value : JSON.stringify(value));
      },
      () => response.destroy(),
    );
  return { listener, requests };
}
