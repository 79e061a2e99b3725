import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alikeNames, exposedName, looseName, splitExposedName, splitsOneWay } from "./exposed-name.ts";

describe("a shown name", () => {
  it.each([
    ["mail__send", { server: "mail", tool: "send" }],
    ["a__b__c", { server: "a", tool: "b__c" }],
    ["a___b", { server: "a", tool: "_b" }],
    ["a__", { server: "a", tool: "" }],
    ["__a", undefined],
    ["mail_send", undefined],
    ["", undefined],
  ])("%j splits at the first separator", (name, split) => expect(splitExposedName(name)).toEqual(split));

  const server = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,8}$/).filter(splitsOneWay);
  const tool = fc.oneof(fc.stringMatching(/^[A-Za-z_-]{1,8}$/), fc.string({ minLength: 1, maxLength: 8 }));

  it("[B110] splits into the server and the tool it was made of, whatever the tool is called", () => {
    fc.assert(
      fc.property(server, tool, (one, name) => {
        expect(splitExposedName(exposedName(one, name))).toEqual({ server: one, tool: name });
      }),
    );
  });

  it("[B112] is like that of another server only where the servers' names are alike", () => {
    fc.assert(
      fc.property(server, tool, server, tool, (a, x, b, y) => {
        const areAlike = looseName(exposedName(a, x)) === looseName(exposedName(b, y));
        expect(areAlike).toBe(looseName(a) === looseName(b) && looseName(x) === looseName(y));
      }),
    );
  });
});

it.each([
  ["a", true],
  ["a-b_c.d", true],
  ["a__b", false],
  ["a--b", false],
  ["a-_b", false],
  ["a_", false],
  ["a-", false],
])("splitsOneWay: %j is %j", (name, isSplitOneWay) => expect(splitsOneWay(name)).toBe(isSplitOneWay));

it.each([
  [["a", "b"], []],
  [
    ["get-user", "get_user", "other"],
    ["get-user", "get_user"],
  ],
  [
    ["getUser", "GETUSER", "getuser"],
    ["GETUSER", "getUser", "getuser"],
  ],
  [["same", "same"], []],
])("alikeNames: of %j it is %j", (names, alike) => expect([...alikeNames(names)].toSorted()).toEqual(alike));
