import { describe, expect, test } from "vitest";
import { clientTreatment, findMethod, isMethodVariant, methods, serverTreatment } from "./methods.ts";

describe("the table of methods", () => {
  test("names a method once for a direction and a kind", () => {
    const keys = methods.map(({ direction, kind, name }) => `${direction} ${kind} ${name}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("notifications, and only they, are named so", () => {
    for (const { name, kind } of methods) expect(name.startsWith("notifications/")).toBe(kind === "notification");
  });

  test("finds a method by direction, kind and exact name", () => {
    expect(findMethod("client_to_server", "request", "tools/call")).toMatchObject({ treatment: "call" });
    expect(findMethod("server_to_client", "request", "tools/call")).toBeUndefined();
    expect(findMethod("client_to_server", "notification", "tools/call")).toBeUndefined();
    expect(findMethod("client_to_server", "request", "Tools/call")).toBeUndefined();
    expect(findMethod("client_to_server", "request", "toString")).toBeUndefined();
  });
});

describe("what is done with a server's message", () => {
  test.each([
    ["request", "ping", "answer"],
    ["request", "sampling/createMessage", "door"],
    ["request", "tasks/get", "refuse"],
    ["[B305] request", "tools/call", "refuse"],
    ["notification", "notifications/progress", "pass"],
    ["notification", "notifications/resources/updated", "door"],
    ["notification", "notifications/unknown", "refuse"],
    ["notification", "toString", "refuse"],
  ] as const)("%s %s: %s", (kind, name, treatment) => {
    expect(serverTreatment(kind.endsWith("request") ? "request" : "notification", name)).toBe(treatment);
  });
});

describe("what is done with a client's message", () => {
  test.each([
    ["initialize", "legacy", "handshake"],
    ["initialize", "modern", "refuse"],
    ["server/discover", "modern", "handshake"],
    ["ping", "legacy", "answer"],
    ["tools/list", "legacy", "list"],
    ["tools/call", "modern", "call"],
    ["notifications/initialized", "legacy", "pass"],
    ["notifications/initialized", "modern", "refuse"],
    ["notifications/cancelled", "modern", "pass"],
    ["prompts/list", "modern", "list"],
    ["prompts/get", "legacy", "door"],
    ["ping", "modern", "refuse"],
    ["subscriptions/listen", "modern", "listen"],
    ["subscriptions/listen", "legacy", "refuse"],
    ["logging/setLevel", "legacy", "pass"],
    ["logging/setLevel", "modern", "refuse"],
    ["tasks/get", "modern", "task"],
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
