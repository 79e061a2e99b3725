import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, expect, it } from "vitest";
import { type EventStream, openEvents } from "../kit/event-stream.ts";
import { makeFolder } from "../kit/folder.ts";
import { startServe } from "../kit/gateway.ts";
import { modernHeaders, modernRequest } from "../kit/messages.ts";
import { closeAll } from "../kit/opened.ts";

afterEach(closeAll);

/** Over stdio: `first` is answered when `second` comes, unless it was given up, and only then logged about. */
const lateServer = String.raw`
import { createInterface } from "node:readline";
const write = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n");
const complete = (id, text) =>
  write({ id, result: { resultType: "complete", content: [{ type: "text", text }] } });
const log = (data) => write({ method: "notifications/message", params: { level: "info", data } });
const tools = ["first", "second"].map((name) => ({ name, inputSchema: { type: "object" } }));
let first;
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "server/discover") {
    const serverInfo = { name: "late", version: "1" };
    const capabilities = { tools: {}, logging: {} };
    return write({ id, result: { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities, serverInfo } });
  }
  if (method === "tools/list") return write({ id, result: { resultType: "complete", tools } });
  if (method === "notifications/cancelled") first = undefined;
  if (method !== "tools/call") return id === undefined || write({ id, error: { code: -32601, message: "no" } });
  const { progressToken } = params._meta;
  const step = (message) => write({ method: "notifications/progress", params: { progressToken, progress: 1, message } });
  if (params.name === "first") return void ((first = id), step("step of the first"));
  if (first !== undefined) complete(first, "answer of the first");
  log("canary of the first");
  step("step of the second");
  complete(id, "answer of the second");
});
`;

it.each([
  ["was answered meanwhile", false],
  ["was given up before", true],
])("[B280] what a server says late of a call that %s reaches no other, not even the only one", async (_, isGivenUp) => {
  const script = join(makeFolder(), "late.mjs");
  writeFileSync(script, lateServer);
  const gateway = await startServe({
    servers: { late: { command: process.execPath, args: [script] } },
    policies: { p: { version: "1", default: "allow" } },
  });
  const call = (name: string): Promise<EventStream> =>
    openEvents(gateway.url(), {
      method: "POST",
      body: modernRequest(1, "tools/call", { name }).replace('"_meta":{', '"_meta":{"progressToken":"p",'),
      headers: { authorization: `Bearer ${gateway.token()}`, ...modernHeaders("tools/call", name) },
    });
  const first = await call("first");
  await first.sees(/step of the first/);
  if (isGivenUp) {
    first.close();
    await gateway.rows.waitFor(1, (row) => row.kind === "outcome");
  }
  const second = await call("second");
  await second.sees(/answer of the second/);
  if (!isGivenUp) await first.sees(/answer of the first/);
  const heard = second.events.map(({ data }) => data).join();
  // Its own progress, which says whose it is, still comes.
  expect(heard).toContain("step of the second");
  expect(heard).not.toContain("canary of the first");
});
