import { expect, test } from "vitest";
import { pruneDocument } from "./prune.ts";

test("of a document that is no object, nothing is left", () => {
  expect(pruneDocument(["version", "1"])).toBeUndefined();
  expect(pruneDocument("deny")).toBeUndefined();
});

test("what is not faulty is left, and both required keys are given", () => {
  const left = pruneDocument({ tools: { a: { limits: 3, action: "deny" }, b: {} }, hide: ["c"] });
  expect(left).toEqual({ version: "1", default: "deny", tools: { a: { action: "deny" }, b: {} }, hide: ["c"] });
});
