import { describe, expect, it } from "vitest";
import { staticHeaderFault } from "./static-header.ts";

describe("staticHeaderFault", () => {
  it.each([
    ["x-key", "abc", undefined],
    ["x key", "abc", "is not the name of a header"],
    ["Host", "abc", "the gateway sets"],
    ["Mcp-Param-x", "abc", "the gateway sets"],
    ["x-key", "a\nsecret", "cannot carry"],
  ])("of %s: %j", (name, value, fault) => {
    const found = staticHeaderFault(name, value);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
    expect(found ?? "").not.toContain("secret");
  });
});
