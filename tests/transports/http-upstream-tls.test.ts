import { createServer, type Server } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Resolve } from "../../src/transports/http/upstream-resolve.ts";
import { closeAll, closeLater } from "../kit/opened.ts";
import { type Certificate, createCertificate } from "../servers/http-certificate.ts";
import { httpUpstream, observe, request, result } from "./observed.ts";

const known = getCACertificates("default");

afterEach(async () => {
  await closeAll();
  vi.unstubAllEnvs();
  setDefaultCACertificates(known);
});

const resolve: Resolve = (_name, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }]);

/** A server that counts the requests it could read; its URL has the name `server.example`. */
async function startTlsServer(
  certificate: Certificate,
): Promise<{ readonly url: string; readonly requests: () => number }> {
  let count = 0;
  const server: Server = createServer({ ...certificate }, (_, res) => {
    count += 1;
    res.writeHead(200, { "content-type": "application/json" }).end(result(1));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closeLater(async () => {
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { url: `https://server.example:${port}/mcp`, requests: () => count };
}

const trusted = { names: ["server.example"], isTrusted: true, days: 1 };
const refused = [
  { why: "nobody vouches for it", names: ["server.example"], isTrusted: false, days: 1 },
  { why: "it has expired", names: ["server.example"], isTrusted: true, days: -1 },
  { why: "it is another's", names: ["other.example"], isTrusted: true, days: 1 },
];

describe("a server's certificate", () => {
  it("is good when it is trusted, valid and for that name", async () => {
    const certificate = createCertificate(trusted.names, trusted.days);
    setDefaultCACertificates([...known, certificate.cert]);
    const server = await startTlsServer(certificate);
    const { connection, wait } = observe(httpUpstream("", { url: server.url, resolve }));
    expect(await connection.send(request(1))).toBe("sent");
    expect(await wait(1)).toMatchObject([{ kind: "message", text: result(1) }]);
  });

  it.each(refused)("[B348] is refused when $why, whatever the environment says", async ({ names, isTrusted, days }) => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const certificate = createCertificate(names, days);
    if (isTrusted) setDefaultCACertificates([...known, certificate.cert]);
    const server = await startTlsServer(certificate);
    const { connection, told } = observe(httpUpstream("", { url: server.url, resolve }));
    expect(await connection.send(request(1))).toBe("not_sent");
    expect(told).toMatchObject([
      { kind: "end", failure: { code: "UPSTREAM_START_FAILED", message: expect.stringContaining("TLS failed") } },
    ]);
    expect(server.requests()).toBe(0);
  });
});
