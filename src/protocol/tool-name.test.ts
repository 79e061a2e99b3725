import { expect, test } from "vitest";
import { isToolName } from "./tool-name.ts";

test.each<
  [why: string, name: null | boolean | number | string | string[] | { x: number } | undefined, isName: boolean]
>([
  ["an ordinary name", "create_issue", true],
  ["[B100] blanks belong to the name", " safe\n", true],
  ["[B106] a name that objects inherit", "constructor", true],
  ["128 characters", "x".repeat(128), true],
  ["128 characters of two units", "😀".repeat(128), true],
  ["[B104] none", "", false],
  ["[B104] 129 characters", "x".repeat(129), false],
  ["[B104] 129 characters of two units", "😀".repeat(129), false],
  ["[B104] 129 characters of one and two units", `${"x".repeat(128)}😀`, false],
  ["[B104] a megabyte", "x".repeat(1_000_000), false],
  ["[B016] half a pair", "\ud800", false],
  ["[B105] a list", ["safe"], false],
  ["[B105] a number", 1, false],
  ["[B105] an object", { x: 1 }, false],
  ["[B105] null", null, false],
  ["nothing", undefined, false],
])("%s", (_, name, isName) => {
  expect(isToolName(name)).toBe(isName);
});
