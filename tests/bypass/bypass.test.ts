import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { type Arena, openArena } from "./arena.ts";
import { forwarded, type MessageCase } from "./case.ts";
import { argumentCases } from "./corpus/arguments.ts";
import { envelopeCases } from "./corpus/envelope.ts";
import { identityCases } from "./corpus/identity.ts";
import { sideDoorCases } from "./corpus/side-doors.ts";
import { runCase, runOnLane } from "./run-case.ts";
import { hasSpellings, spellingsOf } from "./spelling.ts";

/**
 * The corpus, each case over every lane it applies to: what must not get through does not, nothing reaches the server
 * that was not judged, and the gateway works on. `mirrors` are the nearest legal inputs: a gateway that denied all
 * would fail there.
 */
let arena: Arena;

beforeAll(async () => {
  arena = await openArena();
});

afterAll(closeAll);

const groups = {
  envelope: envelopeCases,
  arguments: argumentCases,
  "tool identity": identityCases,
  "side doors": sideDoorCases,
};

/** The nearest legal input of each case that names one, without repeats. */
function mirrorsOf(cases: readonly MessageCase[]): readonly MessageCase[] {
  const mirrors = new Map<string, MessageCase>();
  for (const { expectedOverStdio: _, ...one } of cases) {
    if (one.mirror === undefined) continue;
    const mirror = { ...one, body: one.mirror, expected: forwarded, headers: {}, method: "tools/call" };
    mirrors.set(`${one.policy} ${one.mirror}`, mirror);
  }
  return [...mirrors.values()];
}

describe.each(Object.entries(groups))("group %s", (_, cases) => {
  it.each(cases.map((one) => ({ name: `[${one.id}] ${one.input}`, one })))("$name", async ({ one }) => {
    expect(await runCase(arena, one)).toHaveLength(one.expectedOverStdio === undefined ? 1 : 2);
  });

  it.each(mirrorsOf(cases).map((one) => ({ name: `lets the legal neighbour of [${one.id}] ${one.input} pass`, one })))(
    "$name",
    async ({ one }) => {
      expect(await runCase(arena, one)).toHaveLength(1);
    },
  );
});

describe("another spelling of the same message", () => {
  const judged = Object.values(groups).flat().filter(hasSpellings);
  it.each(judged.map((one) => ({ name: `changes nothing for [${one.id}] ${one.input}`, one })))(
    "$name",
    async ({ one }) => {
      for (const [spelling, body] of Object.entries(spellingsOf(String(one.body)))) {
        const verdict = await runOnLane(arena, { ...one, body }, "http legacy");
        expect(verdict["kind"], spelling).toBe(one.expected.kind);
      }
    },
  );
});

describe("after all of it", () => {
  it("[B184] no token and nothing of the gateway's own environment reached a server", () => {
    for (const bytes of arena.received()) expect(arena.secrets.foundIn(bytes)).toEqual([]);
  });

  it("no secret and no argument value is in a store or on standard error", () => {
    const values = ["boss@corp.example", "/allowed/a.txt", "updated_at", "Oslo", "acme/app"];
    for (const left of arena.leftovers()) {
      expect(arena.secrets.foundIn(left)).toEqual([]);
      expect(values.filter((value) => Buffer.from(left).includes(value))).toEqual([]);
    }
  });
});
