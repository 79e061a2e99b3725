import { describe, expect, it } from "vitest";
import { attackLinks, findAttacks, type ToolKind } from "./find-attacks.ts";
import { loadAttacks } from "./load-entries.ts";

const { attacks } = loadAttacks();

describe("the attacks on a kind of tool", () => {
  it("[R153] share its category and a signal with it, those with most in common first", () => {
    const kind = { category: "Read", signals: ["takes_url", "loads_untrusted_content"] } as const;
    const found = findAttacks(attacks, kind);
    expect(found[0]?.slug).toBe("tool-ssrf");
    const shared = found.map(({ abuses }) => kind.signals.filter((signal) => abuses.signals.includes(signal)).length);
    expect(Math.min(...shared)).toBeGreaterThan(0);
    expect(shared).toEqual(shared.toSorted((a, b) => b - a));
    expect(found.every(({ abuses }) => abuses.categories.includes("Read"))).toBe(true);
  });

  it("are not linked by the category alone", () => {
    expect(findAttacks(attacks, { category: "Destructive", signals: [] })).toEqual([]);
  });

  // Payment tools seldom carry a signal of another kind: 14 of 17 had no attack at all.
  it("are those on money for every tool that moves money, and for no other tool", () => {
    const slugsOf = (kind: ToolKind): readonly string[] => findAttacks(attacks, kind).map(({ slug }) => slug);
    const onMoney = attacks.filter(({ category }) => category === "money").map(({ slug }) => slug);
    expect(onMoney.length).toBeGreaterThan(3);
    expect(slugsOf({ category: "Financial", signals: [] }).toSorted()).toEqual(onMoney);
    const sending = slugsOf({ category: "Financial", signals: ["sends_to_recipient"] });
    expect(sending.slice(0, 2)).toEqual(["agent-wallet-drain", "malicious-router"]);
    expect(sending).toEqual(expect.arrayContaining(onMoney));
    for (const category of ["Read", "Write", "Execute", "Destructive"] as const)
      expect(slugsOf({ category, signals: [] })).toEqual([]);
  });

  it("are not linked by a signal alone", () => {
    const found = findAttacks(attacks, { category: "Financial", signals: ["takes_path"] });
    expect(found.map(({ slug }) => slug)).not.toContain("filesystem-prefix-escape");
  });

  it("are named by slug in a catalogue's record", () => {
    const classification = { category: "Financial", signals: ["irreversible"] } as const;
    const slugs = attackLinks(attacks)({ classification });
    expect(slugs).toContain("agent-wallet-drain");
    expect(slugs).toEqual(findAttacks(attacks, classification).map(({ slug }) => slug));
  });
});
