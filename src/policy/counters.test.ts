import { describe, expect, it } from "vitest";
import { counterPlaces, readCounterKey } from "./counters.ts";
import type { CompiledPolicy } from "./compiled.ts";
import { loadPolicy } from "./load.ts";

const caller = {
  organisation: "org",
  server: { name: "mail" },
  grant: { id: "g1", label: "agent", owner: undefined, tags: {} },
};

function compile(document: object): CompiledPolicy {
  const loaded = loadPolicy(JSON.stringify(document), { identity: { id: "p", version: 1, sha256: "" } });
  if (loaded.policy === undefined) throw new Error(JSON.stringify(loaded.problems));
  return loaded.policy;
}

describe("counterPlaces", () => {
  it("finds the limits of every part of a policy, but those that count in a session", () => {
    const limit = (counter: string, scope: string, more: object = {}): object => ({
      limits: [{ counter, window: "minute", max: 3, scope, ...more }],
    });
    const policy = compile({
      version: "1",
      default: "allow",
      all_tools: limit("all", "server"),
      categories: { Destructive: limit("ruin", "owner") },
      tools: {
        a: limit("mine", "grant"),
        b: limit("here", "session"),
        c: { action: "deny" },
        d: limit("to", "grant", { by: "args.to" }),
      },
    });
    const places = counterPlaces(policy, caller).map(({ rule, counter, scope, hasBy }) => ({
      rule,
      counter,
      scope,
      hasBy,
    }));
    expect(places.toSorted((x, y) => x.rule.localeCompare(y.rule))).toMatchInlineSnapshot(`
      [
        {
          "counter": "all",
          "hasBy": false,
          "rule": "/all_tools/limits/0",
          "scope": {
            "kind": "server",
            "value": "",
          },
        },
        {
          "counter": "ruin",
          "hasBy": false,
          "rule": "/categories/Destructive/limits/0",
          "scope": {
            "kind": "grant",
            "value": "g1",
          },
        },
        {
          "counter": "mine",
          "hasBy": false,
          "rule": "/tools/a/limits/0",
          "scope": {
            "kind": "grant",
            "value": "g1",
          },
        },
        {
          "counter": "to",
          "hasBy": true,
          "rule": "/tools/d/limits/0",
          "scope": {
            "kind": "grant",
            "value": "g1",
          },
        },
      ]
    `);
  });

  it("finds none where a policy has none", () => {
    expect(counterPlaces(compile({ version: "1", default: "deny" }), caller)).toEqual([]);
  });
});

describe("readCounterKey", () => {
  const family = '["org","mail","/tools/a/limits/0","mine","minute","grant","g1"]';

  it("takes a key apart, with the `by` value if it has one", () => {
    expect(readCounterKey(family)).toEqual({ family, by: undefined });
    expect(readCounterKey(`${family}"bob"`)).toEqual({ family, by: "bob" });
  });

  it("knows what is no counter's key", () => {
    for (const key of ["", "rows", '["org"]', String.raw`["\x","a","b","c","d","e"]`]) {
      expect(readCounterKey(key)).toBeUndefined();
    }
  });
});
