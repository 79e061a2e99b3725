import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { makeFolder } from "../kit/folder.ts";
import { closeLater } from "../kit/opened.ts";
import { createCertificate } from "../servers/http-certificate.ts";
import { NotHere } from "./preset-server.ts";
import { type HostAnswer, recordRequests } from "./canary-host.ts";

/** Hosts of the open network, on this machine, for a server whose address of them cannot be set. */
export interface Vendor {
  /** The proxy's, `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** What the server's environment needs to be led here: a proxy, and the certificate to trust. */
  readonly env: Readonly<Record<string, string>>;
  /** What the hosts were asked for, in order: method, path with query, and body. */
  requests(): readonly string[];
}

/** For a server that needs this machine alone: whatever it asks of the open network, telemetry and updates, fails. */
export const sealed: Readonly<Record<string, string>> = {
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
  NO_PROXY: "127.0.0.1,localhost",
  NODE_USE_ENV_PROXY: "1",
};

/**
 * Stands for the named hosts, over https, and refuses to connect to any other: behind a proxy, so that the server itself
 * is unchanged and nothing leaves the machine. Throws {@link NotHere} on an older Node.js. Closed by `closeAll`.
 */
export async function startVendor(hosts: readonly string[], answer: HostAnswer): Promise<Vendor> {
  if (!process.allowedNodeEnvironmentFlags.has("--use-env-proxy"))
    throw new NotHere(`Node.js ${process.version} does not go through the proxy of its environment: take 24`);
  const { listener, requests } = recordRequests(answer);
  const certificate = createCertificate(hosts);
  const file = join(makeFolder(), "certificate.pem");
  writeFileSync(file, certificate.cert);
  const site = createTlsServer({ cert: certificate.cert, key: certificate.key }, listener);
  const proxy = createServer(listener);
  const tunnels = new Set<Duplex>();
  proxy.on("connect", (request, tunnel, head) => {
    tunnel.on("error", () => {});
    if (!hosts.includes(new URL(`http://${request.url ?? ""}`).hostname)) {
      tunnel.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    tunnels.add(tunnel);
    tunnel.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) tunnel.unshift(head);
    site.emit("connection", tunnel);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("no port for the proxy");
  closeLater(() => {
    for (const tunnel of tunnels) tunnel.destroy();
    proxy.closeAllConnections();
    proxy.close();
  });
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    env: {
      HTTP_PROXY: origin,
      HTTPS_PROXY: origin,
      NODE_USE_ENV_PROXY: "1",
      NODE_EXTRA_CA_CERTS: file,
      SSL_CERT_FILE: file,
    },
    requests: () => requests.map(({ method, path, body }) => `${method} ${path} ${body}`.trimEnd()),
  };
}
