import { expect, it } from "vitest";
import { NameLookup } from "./name-lookup.ts";

it("finds the exact name, else the narrowest pattern, else nothing", () => {
  const lookup = new NameLookup<string>([
    ["*", "all"],
    ["read_*", "read"],
    ["read_file", "exact"],
    ["read_f*", "f"],
  ]);
  expect(["read_file", "read_files", "read_x", "write"].map((name) => lookup.find(name))).toEqual([
    "exact",
    "f",
    "read",
    "all",
  ]);
  expect(new NameLookup<string>([["a*", "a"]]).find("b")).toBeUndefined();
  expect(new NameLookup<string>([["a", "a"]]).find("b")).toBeUndefined();
});

it("answers alike after more names than it remembers", () => {
  const lookup = new NameLookup<string>([["a*", "a"]]);
  const answers = new Set<string | undefined>();
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 10_050; index += 1) answers.add(lookup.find(`a${index}`));
    expect(lookup.find("b")).toBeUndefined();
    expect(lookup.find("b")).toBeUndefined();
  }
  expect([...answers]).toEqual(["a"]);
});
