import { expect, it } from "vitest";
import { quoteTool, sentenceOf, waitWords } from "./messages.ts";

it.each(["store_unavailable", "audit_unavailable", "internal", "approval_pending"] as const)(
  "says of %s that the call is denied and may be tried again",
  (code) => {
    expect(sentenceOf(code, "refund")).toBe("`refund` could not be judged, so the call is denied; try again later");
  },
);

it("says the same of a hidden tool as of one that does not exist", () => {
  expect(sentenceOf("hidden", "a")).toBe(sentenceOf("unknown_tool", "a"));
});

it("cuts a tool's name after 100 characters", () => {
  expect(quoteTool("a".repeat(101))).toBe(`\`${"a".repeat(100)}...\``);
  expect(quoteTool("a".repeat(100))).toBe(`\`${"a".repeat(100)}\``);
});

it.each([
  [0, "1 s"],
  [1001, "2 s"],
  [119_000, "119 s"],
  [119_001, "2 min"],
  [7_140_000, "119 min"],
  [7_140_001, "2 h"],
])("writes a wait of %i ms as %s, never too short", (ms, words) => {
  expect(waitWords(ms)).toBe(words);
});
