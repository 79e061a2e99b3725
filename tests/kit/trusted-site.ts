import { writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { createCertificate } from "../servers/http-certificate.ts";
import { makeFolder } from "./folder.ts";
import { closeLater } from "./opened.ts";

/** A site over https on this machine. */
export interface TrustedSite {
  /** `https://localhost:PORT` */
  readonly origin: string;
  /** What a gateway's environment needs to trust its certificate. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a site. Ended by `closeAll`. */
export async function startTrustedSite(listener: RequestListener): Promise<TrustedSite> {
  const { cert, key } = createCertificate(["localhost"]);
  const file = join(makeFolder(), "certificate.pem");
  writeFileSync(file, cert);
  const server = createServer({ cert, key }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeLater(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { origin: `https://localhost:${port}`, env: { NODE_EXTRA_CA_CERTS: file } };
}
