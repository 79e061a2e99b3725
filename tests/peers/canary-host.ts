import { once } from "node:events";
import { createServer } from "node:http";
import { closeLater } from "../kit/opened.ts";

/** A host that nobody should ask. */
export interface CanaryHost {
  /** `http://127.0.0.1:PORT/secret` */
  readonly url: string;
  /** How often it was asked. */
  requests(): number;
}

/** Starts a host on a free port of 127.0.0.1 that counts what asks it. Closed by `closeAll`. */
export async function startCanaryHost(): Promise<CanaryHost> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end("secret");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port for the host");
  closeLater(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${address.port}/secret`, requests: () => requests };
}
