import type { IncomingMessage, ServerResponse } from "node:http";
import type { WebParts } from "../api/web-parts.ts";

/** Answers requests that are not MCP. Its libraries are loaded with the first of them, not at the start. */
export function createWeb(parts: WebParts): (req: IncomingMessage, res: ServerResponse) => void {
  let listener: Promise<(req: IncomingMessage, res: ServerResponse) => Promise<void>> | undefined;
  const load = async (): Promise<(req: IncomingMessage, res: ServerResponse) => Promise<void>> => {
    const [{ getRequestListener }, { createWebApp }] = await Promise.all([
      import("@hono/node-server"),
      import("../api/web-app.ts"),
    ]);
    return getRequestListener(createWebApp(parts).fetch, { overrideGlobalObjects: false });
  };
  return (req, res) => {
    listener ??= load();
    void listener
      .then((answer) => answer(req, res))
      .catch((error: unknown) => {
        parts.logger.error({ error: String(error) }, "request failed");
        if (!res.headersSent) res.writeHead(500);
        res.end();
      });
  };
}
