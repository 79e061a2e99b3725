import { describe, expect, it } from "vitest";
import { door, doorWants, loadPolicy } from "./index.ts";
import type { CompiledPolicy, DoorKind } from "./index.ts";

const identity = { id: "p", version: 3, sha256: "ab" };

function load(document: object): CompiledPolicy {
  const { policy } = loadPolicy(JSON.stringify({ version: "1", ...document }), { identity });
  if (policy === undefined) throw new Error("the policy does not load");
  return policy;
}

const denyAll = load({ default: "deny" });
const allowAll = load({ default: "allow" });
const fixed = load({
  default: "deny",
  resources: "allow",
  prompts: "deny",
  sampling: "allow",
  elicitation: "deny",
  roots: "allow",
});
const lists = load({
  default: "deny",
  lists: { private: ["file:///home/*"] },
  resources: { allow: ["file:///home/a/*", "https://example.com/*"], deny: ["*secret*"] },
  prompts: { deny: { $list: "private" } },
});
const onlyAllowed = load({ default: "allow", prompts: { allow: ["review", "sum*"] } });

describe("door [R110]", () => {
  it.each<readonly [CompiledPolicy, DoorKind, string | undefined, string | undefined]>([
    [denyAll, "resources", "file:///a", "/default"],
    [denyAll, "resources", undefined, "/default"],
    [denyAll, "sampling", undefined, "/default"],
    [allowAll, "resources", "not a uri", undefined],
    [allowAll, "roots", undefined, undefined],
    [fixed, "resources", "file:///a", undefined],
    [fixed, "prompts", "x", "/prompts"],
    [fixed, "sampling", undefined, undefined],
    [fixed, "elicitation", undefined, "/elicitation"],
    [fixed, "roots", undefined, undefined],
    [lists, "resources", undefined, undefined],
    [lists, "resources", "file:///home/a/b", undefined],
    [lists, "resources", "file:///home/a/secret", "/resources/deny/0"],
    [lists, "resources", "file:///home/b", "/resources/allow"],
    [lists, "resources", "file:///home/a/../b", "/resources"],
    [lists, "resources", "file://localhost/home/a/b", "/resources"],
    [lists, "prompts", "anything", undefined],
    [lists, "prompts", "file:///home/x", "/prompts/deny"],
    [onlyAllowed, "prompts", "review", undefined],
    [onlyAllowed, "prompts", "summary", undefined],
    [onlyAllowed, "prompts", "other", "/prompts/allow"],
  ])("case %#: %s %s", (policy, kind, name, refusal) => {
    const decision = door(policy, kind, name);
    expect([decision.outcome, decision.code, decision.detail?.condition]).toEqual(
      refusal === undefined ? ["allow", "allowed", undefined] : ["deny", "door_denied", refusal],
    );
    expect(decision.rule).toBe(refusal === undefined ? "" : `/${kind}`);
    expect(decision.policy).toEqual(identity);
    expect(decision.message === "").toBe(refusal === undefined);
  });

  it("is closed without a policy", () => {
    expect(door(undefined, "resources", "file:///a")).toMatchObject({
      outcome: "deny",
      code: "no_policy",
      rule: "(no policy)",
      policy: undefined,
    });
  });
});

describe("doorWants", () => {
  const caller = {
    organisation: "acme",
    server: { name: "shop" },
    grant: { id: "alice", label: "l", owner: "bob", tags: {} },
    session: "s",
  };

  it("leaves a mark of content that other people wrote", () => {
    expect(doorWants(allowAll, "resources", caller)).toEqual({
      guards: [],
      charges: [],
      mark: {
        server: "shop",
        tool: "resources/read",
        category: "Read",
        signals: ["loads_untrusted_content"],
        scopeKeys: ["grant:4:acme:alice", "owner:4:acme:bob", "session:4:acme:s"],
      },
    });
    expect(doorWants(allowAll, "prompts", caller).mark.tool).toBe("prompts/get");
  });

  it("asks for the flows on whose later side it is", () => {
    const policy = load({
      default: "allow",
      flows: [
        { after: { tools: ["a"] }, within: "5m", deny: { signals: ["loads_untrusted_content"] } },
        { after: { tools: ["a"] }, within: "5m", deny: { categories: ["Write"] } },
      ],
    });
    expect(doorWants(policy, "prompts", caller).guards.map(({ rule }) => rule)).toEqual(["/flows/0"]);
  });
});
