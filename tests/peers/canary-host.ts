import { once } from "node:events";
import { createServer } from "node:http";
import { closeLater } from "../kit/opened.ts";

/** A host that tells what it was asked for. */
export interface CanaryHost {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Paths and queries that were asked for, in order. */
  asked(): readonly string[];
}

/** What it answers with. */
export const canaryText = "what the host holds";

/** Starts a host on a free port of 127.0.0.1 that answers everything with {@link canaryText}. Closed by `closeAll`. */
export async function startCanaryHost(): Promise<CanaryHost> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(canaryText);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port for the host");
  closeLater(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${address.port}`, asked: () => asked };
}
