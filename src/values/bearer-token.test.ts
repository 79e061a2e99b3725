import { describe, expect, it } from "vitest";
import { bearerToken } from "./bearer-token.ts";

describe("bearerToken", () => {
  it.each([
    ["Bearer abc", "abc"],
    ["bearer cg_x_y", "cg_x_y"],
    [undefined, undefined],
    ["", undefined],
    ["Bearer ", undefined],
    ["Bearer a b", undefined],
    ["Basic abc", undefined],
    [`Bearer ${"x".repeat(8193)}`, undefined],
  ])("of %j is %j", (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});
