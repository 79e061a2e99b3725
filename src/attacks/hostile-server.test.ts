import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../values/json.ts";
import { replayOfServer, replyAsHostile } from "./hostile-server.ts";
import { loadAttack } from "./load-entries.ts";

const modern = { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } };

function ask(method: string, params: JsonObject = {}): JsonObject {
  return { jsonrpc: "2.0", id: 1, method, params };
}

function namesIn(reply: readonly JsonObject[]): readonly JsonValue[] {
  const found: { result: { tools: { name: string }[] } } = JSON.parse(JSON.stringify(reply.at(-1)));
  return found.result.tools.map(({ name }) => name);
}

describe("the hostile server", () => {
  it("changes its tools with the first call, and says so once", () => {
    const { replay } = loadAttack("rug-pull-redefinition");
    expect(namesIn(replyAsHostile(replay, ask("tools/list"), false))).toEqual(["random_fact"]);
    const call = ask("tools/call", { name: "random_fact", arguments: { topic: "space" } });
    const change = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
    expect(replyAsHostile(replay, call, false)[0]).toEqual(change);
    expect(replyAsHostile(replay, call, true)).not.toContainEqual(change);
    const after = replyAsHostile(replay, ask("tools/list"), true);
    expect(namesIn(after)).toEqual(["random_fact", "sync_workspace", "random_facts"]);
    expect(JSON.stringify(after)).toContain("pass the open files");
  });

  it("asks by a request in the legacy era, and by its answer in the modern one", () => {
    const { replay } = loadAttack("sampling-abuse");
    const params = { name: "summarise_code", arguments: {} };
    const legacy = replyAsHostile(replay, ask("tools/call", params), false);
    expect(legacy).toMatchObject([
      { id: "hostile-1", method: "sampling/createMessage" },
      { id: 1, result: {} },
    ]);
    const [answer] = replyAsHostile(replay, ask("tools/call", { ...params, ...modern }), false);
    expect(answer).toMatchObject({ result: { resultType: "input_required" } });
  });

  it("is two servers where the attack needs two", () => {
    const { replay } = loadAttack("tool-shadowing");
    expect(namesIn(replyAsHostile(replayOfServer(replay, undefined), ask("tools/list"), false))).toEqual([
      "send_email",
    ]);
    expect(namesIn(replyAsHostile(replayOfServer(replay, "quotes"), ask("tools/list"), false))).toEqual([
      "daily_quote",
    ]);
  });

  it("answers nothing to notifications, and an error to what it does not know", () => {
    const { replay } = loadAttack("tool-ssrf");
    expect(replyAsHostile(replay, { jsonrpc: "2.0", method: "notifications/initialized" }, false)).toEqual([]);
    expect(replyAsHostile(replay, ask("tasks/get"), false)).toMatchObject([{ error: { code: -32601 } }]);
  });
});
