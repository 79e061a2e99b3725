import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { runCommand } from "../kit/run-command.ts";
import { until } from "../kit/wait.ts";

afterAll(closeAll);

const secret = "a-secret-of-this-test-alone";

describe("webhooks of the catalogue's changes", () => {
  it("[R146] are signed over time and body, and sent again until they are taken", async () => {
    const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
    const receiver = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
      request.on("end", () => {
        received.push({ headers: request.headers, body });
        response.writeHead(received.length === 1 ? 500 : 204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const address = receiver.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const url = `http://127.0.0.1:${port}/hook`;
    const gateway = await startServe({
      policies: {},
      grants: {},
      servers: {},
      settings: { catalogue_webhooks: [{ url, secret: "${HOOK_SECRET}", severity: "high" }] },
      env: { HOOK_SECRET: secret },
    });
    const file = join(gateway.folder, "catalogue.sqlite");
    const take = async (tools: readonly string[]): Promise<void> => {
      const list = join(gateway.folder, "list.json");
      writeFileSync(list, JSON.stringify(tools.map((name) => ({ name, inputSchema: { type: "object" } }))));
      const { code, err } = await runCommand(
        ["catalogue", "import", list, "--name", "notes", "--catalogue", file],
        gateway.folder,
      );
      expect([code, err]).toEqual([0, ""]);
    };
    await take(["read_note"]);
    await take(["read_note", "wipe_notes", "list_notes"]);
    await until("the second attempt", () => (received.length >= 2 ? true : undefined));
    const [first, second] = received;
    expect(second?.body).toBe(first?.body);
    const { type, changes } = JSON.parse(second?.body ?? "{}");
    expect(type).toBe("catalogue.changes");
    expect(changes).toMatchObject([{ server: "notes", kind: "tool_added", tool: "wipe_notes", severity: "high" }]);
    const timestamp = String(second?.headers["callgate-timestamp"]);
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(120);
    const signature = createHmac("sha256", secret)
      .update(`${timestamp}.${second?.body ?? ""}`)
      .digest("hex");
    expect(second?.headers["callgate-signature"]).toBe(`v1=${signature}`);
    await take(["read_note", "wipe_notes", "list_notes", "pay_invoice"]);
    await until("the next change", () => (received.length >= 3 ? true : undefined));
    expect(received[2]?.body).toContain("pay_invoice");
    expect(received[2]?.body).not.toContain('wipe_notes","to"');
    expect(gateway.process.stderr()).not.toContain(secret);
    receiver.close();
  });
});
