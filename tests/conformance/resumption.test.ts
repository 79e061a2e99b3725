import { afterEach, describe, expect, test } from "vitest";
import { initialize, initialized, legacyVersion, request } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";
import { startGateway, startHttpFixture } from "./subjects.ts";

afterEach(closeAll);

const base = { "content-type": "application/json", accept: "application/json, text/event-stream" };

describe("a stream that the server cuts before it answers (MCP 2025-11-25, Transports §Resumability)", () => {
  // The server ends the second stream right behind its answer, which is still being recorded then.
  test("is read on through Callgate, with the answer, to the server's end of it", async () => {
    const url = await startGateway({ url: await startHttpFixture() });
    const hello = await fetch(url, { method: "POST", headers: base, body: initialize() });
    await hello.text();
    const headers = {
      ...base,
      "mcp-protocol-version": legacyVersion,
      "mcp-session-id": hello.headers.get("mcp-session-id") ?? "",
    };
    await (await fetch(url, { method: "POST", headers, body: initialized })).text();

    const body = request("call-1", "tools/call", { name: "test_reconnection", arguments: {} });
    const first = await (await fetch(url, { method: "POST", headers, body })).text();
    const eventId = /^id: (.+)$/m.exec(first)?.[1];
    expect(first).not.toContain("call-1");
    expect(eventId).toBeDefined();

    const listening = { ...headers, accept: "text/event-stream", "last-event-id": eventId ?? "" };
    const second = await (await fetch(url, { headers: listening })).text();
    expect(second).toMatch(/^id: .+$/m);
    expect(second).toContain('"id":"call-1"');
    expect(second).toContain("Answered after the stream was cut");
  });
});
