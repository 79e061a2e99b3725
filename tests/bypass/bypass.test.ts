import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { type Arena, openArena } from "./arena.ts";
import { forwarded, type MessageCase } from "./case.ts";
import { argumentCases } from "./corpus/arguments.ts";
import { envelopeCases } from "./corpus/envelope.ts";
import { identityCases } from "./corpus/identity.ts";
import { runCase } from "./run-case.ts";

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

const groups = { envelope: envelopeCases, arguments: argumentCases, "tool identity": identityCases };

describe.each(Object.entries(groups))("group %s", (_, cases) => {
  it.each(cases.map((one) => ({ name: `[${one.id}] ${one.input}`, one })))("$name", async ({ one }) => {
    await runCase(arena, one);
  });

  const mirrors = new Map<string, MessageCase>();
  for (const one of cases) {
    if (one.mirror === undefined) continue;
    mirrors.set(`${one.policy} ${one.mirror}`, {
      ...one,
      body: one.mirror,
      expected: forwarded,
      ...(one.expectedOverStdio === undefined ? {} : { expectedOverStdio: forwarded }),
      headers: {},
      method: "tools/call",
    });
  }
  it.each(
    [...mirrors.values()].map((one) => ({ name: `lets the legal neighbour of [${one.id}] ${one.input} pass`, one })),
  )("$name", async ({ one }) => {
    await runCase(arena, one);
  });
});

describe("after all of it", () => {
  it("no secret and no argument value is in a store or on standard error", () => {
    const secrets = ["boss@corp.example", "/allowed/a.txt", "UPDATED", "Oslo", "acme/app"];
    for (const left of arena.leftovers()) {
      expect(arena.secrets.foundIn(left)).toEqual([]);
      expect(secrets.filter((secret) => Buffer.from(left).includes(secret))).toEqual([]);
    }
  });
});
