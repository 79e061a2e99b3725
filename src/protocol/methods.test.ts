import { describe, expect, test } from "vitest";
import { clientTreatment, findMethod, isMethodVariant, isServed, methods } from "./methods.ts";

describe("the table of methods", () => {
  test("names a method once for a direction and a kind", () => {
    const keys = methods.map(({ direction, kind, name }) => `${direction} ${kind} ${name}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("notifications, and only they, are named so", () => {
    for (const { name, kind } of methods) expect(name.startsWith("notifications/")).toBe(kind === "notification");
  });

  test("what is served today", () => {
    expect(methods.filter(({ servedNow }) => servedNow).map(({ name }) => name)).toEqual([
      "initialize",
      "ping",
      "server/discover",
      "tools/list",
      "tools/call",
      "notifications/initialized",
      "notifications/cancelled",
      "ping",
      "notifications/progress",
      "notifications/tools/list_changed",
    ]);
  });

  test("finds a method by direction, kind and exact name", () => {
    expect(findMethod("client_to_server", "request", "tools/call")).toMatchObject({ treatment: "decide" });
    expect(findMethod("server_to_client", "request", "tools/call")).toBeUndefined();
    expect(findMethod("client_to_server", "notification", "tools/call")).toBeUndefined();
    expect(findMethod("client_to_server", "request", "Tools/call")).toBeUndefined();
    expect(findMethod("client_to_server", "request", "toString")).toBeUndefined();
  });

  test("a served method is served in its eras only", () => {
    expect(isServed("client_to_server", "request", "ping", "legacy")).toBe(true);
    expect(isServed("client_to_server", "request", "ping", "modern")).toBe(false);
    expect(isServed("client_to_server", "request", "tools/list", "modern")).toBe(true);
    expect(isServed("client_to_server", "request", "resources/read", "modern")).toBe(false);
    expect(isServed("client_to_server", "request", "x", "modern")).toBe(false);
  });
});

describe("what is done with a client's message", () => {
  test.each([
    ["initialize", "legacy", "handshake"],
    ["initialize", "modern", "refuse"],
    ["server/discover", "modern", "handshake"],
    ["ping", "legacy", "answer"],
    ["tools/list", "legacy", "filter"],
    ["tools/call", "modern", "decide"],
    ["notifications/initialized", "legacy", "pass"],
    ["notifications/initialized", "modern", "refuse"],
    ["notifications/cancelled", "modern", "pass"],
    ["[B268] prompts/list", "legacy", "refuse"],
    ["[B268] prompts/get", "legacy", "refuse"],
    ["[B272] logging/setLevel", "legacy", "refuse"],
    ["[B282] notifications/unknown", "legacy", "refuse"],
    ["notifications/tools/list_changed", "legacy", "refuse"],
    ["vendor/execute", "legacy", "refuse"],
  ] as const)("%s, %s: %s", (name, era, treatment) => {
    expect(clientTreatment(name.replace(/^\[.*\] /, ""), era)).toBe(treatment);
  });
});

describe("a name that could be read as a method's", () => {
  test.each([
    ["[B033]", "tools/call "],
    ["[B033]", "Tools/Call"],
    ["[B033]", "tools//call"],
    ["[B033]", "tools/call\u0000"],
    ["[B033]", "\u200btools/call"],
    ["[B033]", "ｔｏｏｌｓ／ｃａｌｌ"],
    ["[B033]", "tool\u017f/call"],
    ["[B033]", "toolscall"],
    ["[B033]", "notifications.cancelled"],
  ])("%s %j", (_, name) => {
    expect(isMethodVariant(name)).toBe(true);
  });

  test.each(["tools/call", "tools/calls", "vendor/call", "", "…"])("%j is none", (name) => {
    expect(isMethodVariant(name)).toBe(false);
  });
});
