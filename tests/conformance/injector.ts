import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { closeLater } from "../kit/opened.ts";

/** A pass-through in front of a gateway that adds a header to every request; the suite cannot send one. */
export interface Injector {
  readonly port: number;
  /** Says where requests go: an origin such as `http://127.0.0.1:7777`. Before that they are answered with 503. */
  aim(origin: string): void;
}

/**
 * Listens on a free port of 127.0.0.1 and passes everything on as it is, `Host` above all: the suite's test of
 * DNS rebinding must reach the gateway. Closed by `closeAll`.
 */
export async function startInjector(headers: Readonly<Record<string, string>>): Promise<Injector> {
  let target: URL | undefined;
  const server = createServer((req, res) => {
    if (target === undefined) res.writeHead(503).end();
    else pass(req, res, target, headers);
  });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  closeLater(async () => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    await closed.promise;
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the injector has no port");
  return { port: address.port, aim: (origin) => (target = new URL(origin)) };
}

function pass(req: IncomingMessage, res: ServerResponse, target: URL, headers: Readonly<Record<string, string>>): void {
  const onward = httpRequest(
    {
      host: target.hostname,
      port: target.port,
      method: req.method ?? "GET",
      path: req.url ?? "/",
      // Raw names and values: a repeated header must arrive repeated.
      headers: [...req.rawHeaders, ...Object.entries(headers).flat()],
      agent: false,
    },
    (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      res.flushHeaders();
      answer.pipe(res);
      answer.on("error", () => res.destroy());
    },
  );
  onward.on("error", () => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502).end();
  });
  // A client that goes away is gone for the gateway too.
  res.on("close", () => onward.destroy());
  req.pipe(onward);
}
