import { describe, expect, it } from "vitest";
import { EventIds } from "./event-ids.ts";

describe("ids of events", () => {
  it.each(["1", "", "a.b", "é", "stream_1.00000000000000000000ab"])("%j leads back into its own session", (id) => {
    const ids = new EventIds();
    const shown = ids.seal(id);
    expect(shown).not.toBe(id);
    expect(ids.open(shown)).toBe(id);
    expect(ids.open(Buffer.from(shown, "utf8").toString("latin1"))).toBe(id);
  });

  it("lead nowhere in another session, nor when they were never given", () => {
    const ids = new EventIds();
    const shown = new EventIds().seal("1");
    for (const text of [shown, "1", "", `2${ids.seal("1")}`, ids.seal("1").slice(0, -1)]) {
      expect(ids.open(text)).toBeUndefined();
    }
  });
});
