import { connect } from "node:tls";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { makeFolder } from "../kit/folder.ts";
import { startServe } from "../kit/gateway.ts";
import { initialize, modernHeaders, modernRequest } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { createCertificate } from "../servers/http-certificate.ts";

afterEach(closeAll);

const fromOffice = {
  version: "1",
  default: "deny",
  tools: { safe: { require: [{ conditions: [{ path: "client.ip", op: "cidr", value: ["203.0.113.0/24"] }] }] } },
} as const;

/** The fingerprint of the certificate that is shown at an address. */
function fingerprintAt(origin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(origin);
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

describe("a gateway behind a proxy", () => {
  async function callAs(behindProxy: unknown, forwardedFor: string): Promise<boolean> {
    const gateway = await startServe({
      policies: { p: fromOffice },
      settings: { listen: "0.0.0.0:0", behind_proxy: behindProxy },
    });
    const { port } = new URL(gateway.origin);
    const response = await fetch(`http://127.0.0.1:${port}/mcp/echo`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${gateway.token()}`,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        "x-forwarded-for": forwardedFor,
        ...modernHeaders("tools/call", "safe"),
      },
      body: modernRequest(1, "tools/call", { name: "safe", arguments: {} }),
    });
    return gateway.spy().calls().length === 1 && response.status === 200;
  }

  it("takes a client's address from the proxies that are named, and from them the last entry alone [B182]", async () => {
    expect(await callAs(["127.0.0.0/8"], "198.51.100.9, 203.0.113.7")).toBe(true);
    expect(await callAs(["127.0.0.0/8"], "203.0.113.7, 198.51.100.9")).toBe(false);
    expect(await callAs(["10.0.0.0/8"], "203.0.113.7")).toBe(false);
    expect(await callAs(true, "203.0.113.7")).toBe(false);
  });

  it("takes nobody's word on who somebody is [B182]", async () => {
    const gateway = await startServe({ policies: { p: fromOffice }, settings: { behind_proxy: ["127.0.0.0/8"] } });
    const response = await fetch(gateway.url(), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-user": "p",
        "x-forwarded-user": "p",
        "remote-user": "p",
        "x-forwarded-for": "203.0.113.7",
      },
      body: initialize(),
    });
    expect(response.status).toBe(401);
  });
});

describe("a gateway that speaks TLS", () => {
  it("shows its certificate, and takes a changed one without a restart", async () => {
    const folder = makeFolder();
    const [first, second] = [createCertificate(["localhost"]), createCertificate(["localhost"])];
    const write = ({ cert, key }: typeof first): void => {
      writeFileSync(join(folder, "key.pem"), key);
      writeFileSync(join(folder, "cert.pem"), cert);
    };
    write(first);
    const tls = { certificate: "cert.pem", key: "key.pem" };
    const gateway = await startServe({
      folder,
      policies: { p: '{"version":"1","default":"allow"}' },
      settings: { tls },
    });
    expect(gateway.origin).toMatch(/^https:/);
    const shown = await fingerprintAt(gateway.origin);
    write(second);
    await expect.poll(() => fingerprintAt(gateway.origin), { timeout: 20_000 }).not.toBe(shown);
  });
});
