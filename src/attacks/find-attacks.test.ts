import { describe, expect, it } from "vitest";
import { attackLinks, findAttacks } from "./find-attacks.ts";
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
