import { describe, expect, it } from "vitest";
import { openCatalogue } from "./open-catalogue.ts";
import { similarServers } from "./similar-servers.ts";

describe("similarServers", () => {
  it("finds servers of the same kind by the words of their tools, for most of those that come along", () => {
    const store = openCatalogue(":memory:", 0);
    try {
      const similarTo = (slug: string): readonly string[] => {
        const { record } = store.server(slug) ?? expect.unreachable(slug);
        return similarServers(store, record).map((hit) => hit.slug);
      };
      expect(similarTo("modelcontextprotocol-server-github")).toContain("modelcontextprotocol-server-gitlab");
      expect(similarTo("modelcontextprotocol-server-puppeteer").join(" ")).toMatch(/playwright|browser|camoufox/);
      const all = store.searchServers({ limit: 50 }).items.map(({ slug }) => slug);
      const found = all.map(similarTo);
      expect(found.filter((similar) => similar.length > 0).length).toBeGreaterThan(45);
      for (const [index, similar] of found.entries()) {
        expect(similar).not.toContain(all[index]);
        expect(new Set(similar).size).toBe(similar.length);
        expect(similar.length).toBeLessThanOrEqual(6);
      }
    } finally {
      store.close();
    }
  });
});
