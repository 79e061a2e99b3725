import { expect, test } from "vitest";
import { nearestWord } from "./suggest.ts";

test("a mistyped word is near the one it was meant to be", () => {
  const known = ["limits", "require", "deny_if", "lt", "lte"];
  expect(nearestWord("limist", known)).toBe("limits");
  expect(nearestWord("requires", known)).toBe("require");
  expect(nearestWord("le", known)).toBe("lte");
});

test("a word that is near none has no suggestion", () => {
  expect(nearestWord("frobnicate", ["limits", "require"])).toBeUndefined();
  expect(nearestWord("", [])).toBeUndefined();
});
