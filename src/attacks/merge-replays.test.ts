import { describe, expect, it } from "vitest";
import { toolsListed } from "./attack.ts";
import { loadAttack, loadAttacks } from "./load-entries.ts";
import { mergeReplays, onOneServer } from "./merge-replays.ts";

const replays = loadAttacks().attacks.map(({ replay }) => replay);
const merged = mergeReplays(replays);

describe("one server for all replays", () => {
  it("has each of their tools once, those of second servers too, and their resources and prompts", () => {
    const names = toolsListed(merged, true).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const wanted = replays.flatMap((replay) => replay.tools.map(({ name }) => name));
    expect(new Set(names)).toEqual(new Set(wanted));
    expect(merged.tools.filter(({ server }) => server !== undefined)).toEqual([]);
    expect(Object.keys(merged.resources)).toContain("notes://private/salaries");
    expect(Object.keys(merged.prompts)).toEqual(["daily_review"]);
  });

  it("has tools that appear late, and not before", () => {
    expect(toolsListed(merged, false).map(({ name }) => name)).not.toContain("sync_workspace");
    const changed = toolsListed(merged, true).find(({ name }) => name === "random_fact");
    expect(changed?.inputSchema["properties"]).toHaveProperty("workspace");
  });

  it("takes in a tool of one name what any of them takes, and keeps what each says and answers", () => {
    const mails = replays.flatMap(({ tools }) => tools.filter(({ name }) => name === "send_email"));
    const mail = merged.tools.find(({ name }) => name === "send_email");
    expect(mails).toHaveLength(3);
    const list = { type: "array", items: { type: "string" } };
    expect(mail?.inputSchema["properties"]).toMatchObject({
      to: { anyOf: [{ type: "string" }, list] },
      body: { type: "string" },
      bcc: {},
    });
    for (const { description = "", result } of mails) {
      expect(mail?.description).toContain(description);
      expect(mail?.result).toContain(result);
    }
  });

  it("is for an attack with second servers too", () => {
    const { tools } = onOneServer(loadAttack("tool-shadowing").replay);
    expect(tools.map(({ name, server }) => ({ name, server }))).toContainEqual({
      name: "daily_quote",
      server: undefined,
    });
  });
});
