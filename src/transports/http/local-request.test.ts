import { createServer, request } from "node:http";
import { expect, it } from "vitest";
import { isLocalRequest } from "./local-request.ts";

it.each([
  ["by itself", {}, true],
  ["by a proxy that says so", { "x-forwarded-for": "192.0.2.1" }, false],
  ["by a proxy that names the client alone", { "x-real-ip": "192.0.2.1" }, false],
  ["by a proxy that names itself alone", { via: "1.1 proxy" }, false],
  ["by a proxy that names the scheme alone", { "x-forwarded-proto": "https" }, false],
  ["by a proxy of the standard", { forwarded: "for=192.0.2.1" }, false],
])("a request to this machine %s is seen as that", async (_, headers, isLocal) => {
  const seen = await new Promise<boolean>((resolve, reject) => {
    const server = createServer((req, res) => {
      const answer = isLocalRequest(req);
      res.end();
      server.close();
      server.closeIdleConnections();
      resolve(answer);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : 0;
      request({ host: "127.0.0.1", port, headers, agent: false }).on("error", reject).end();
    });
  });
  expect(seen).toBe(isLocal);
});
