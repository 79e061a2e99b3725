import { describe, expect, it } from "vitest";
import type { CallRow, EventRow, RowQuery } from "../../src/audit/row.ts";
import type { FlowGuard, FlowMark } from "../../src/values/admission.ts";
import { admission, callRow, charge, decimal, guard, markToLeave, outcomeRow, settlement } from "../store/fixtures.ts";
import type { StoreKind } from "./store-under-test.ts";
import { closeStoresAfterEach, openStore } from "./store-under-test.ts";

const minuteMs = 60_000;

function eventRow(requestId: string, grant: string | null = null): EventRow {
  const row = { kind: "event", time: "2026-03-01T12:00:00.000Z", requestId, event: "message_rejected" } as const;
  return { ...row, transport: "http", server: "camoufox", grant, reason: "batch", message: "no batches", counts: {} };
}

const denied = (requestId: string, tool: string, grant: string): CallRow => callRow(requestId, undefined, tool, grant);

interface QueryCase {
  readonly name: string;
  readonly query: RowQuery;
  readonly sequences: readonly number[];
}

/** Over the rows: 1 goto alice allow, 2 click bob deny, 3 goto bob deny, 4 event of bob, 5 outcome of 1, 6 goto alice hold. */
const queries: readonly QueryCase[] = [
  { name: "everything in the order written", query: {}, sequences: [1, 2, 3, 4, 5, 6] },
  { name: "after a sequence", query: { after: 4 }, sequences: [5, 6] },
  { name: "the last ones", query: { last: 2 }, sequences: [5, 6] },
  { name: "the last of a selection", query: { tool: "goto", last: 2 }, sequences: [3, 6] },
  { name: "the last none", query: { last: 0 }, sequences: [] },
  { name: "at most so many", query: { limit: 2 }, sequences: [1, 2] },
  { name: "one request", query: { requestId: "one" }, sequences: [1, 5] },
  { name: "one tool", query: { tool: "goto" }, sequences: [1, 3, 6] },
  { name: "one grant", query: { grant: "bob" }, sequences: [2, 3, 4] },
  { name: "denials", query: { outcome: "deny" }, sequences: [2, 3] },
  { name: "holds", query: { outcome: "hold" }, sequences: [6] },
  { name: "allowed calls", query: { outcome: "allow" }, sequences: [1] },
  { name: "one server", query: { server: "camoufox" }, sequences: [1, 2, 3, 4, 6] },
  { name: "another server", query: { server: "CAMOUFOX" }, sequences: [] },
  { name: "before a sequence", query: { before: 3 }, sequences: [1, 2] },
  { name: "the last before a sequence", query: { after: 1, before: 5, last: 2 }, sequences: [3, 4] },
  { name: "calls", query: { kind: "call" }, sequences: [1, 2, 3, 6] },
  { name: "events", query: { kind: "event" }, sequences: [4] },
  { name: "ends", query: { kind: "outcome" }, sequences: [5] },
  { name: "several requests", query: { requestIds: ["one", "four"] }, sequences: [1, 4, 5] },
  { name: "no requests", query: { requestIds: [] }, sequences: [] },
  { name: "an owner", query: { owner: "bob@example.com" }, sequences: [2, 3] },
  { name: "a rule", query: { rule: "/tools/goto/limits/0" }, sequences: [2, 3, 6] },
  { name: "a code", query: { code: "limit_reached" }, sequences: [2, 3, 6] },
  {
    name: "times, the first in and the second out",
    query: { since: "2026-03-01T12:00:00.000Z", until: "2026-03-01T12:00:01.000Z" },
    sequences: [1, 2, 3, 4, 6],
  },
  { name: "times in which nothing was", query: { since: "2100-01-01T00:00:00.000Z" }, sequences: [] },
  { name: "all together", query: { grant: "bob", tool: "goto", outcome: "deny", after: 2, last: 5 }, sequences: [3] },
];

interface FlowCase {
  readonly name: string;
  readonly guards: readonly FlowGuard[];
  readonly waitMs: number;
  readonly kind: string;
}

const isReviewed = (mark: FlowMark): boolean => mark.category === "Read" && mark.signals?.length === 1;
const hold = guard({ rule: "/flows/1", effect: "hold" });

/** After one call of `goto` by alice. */
const flows: readonly FlowCase[] = [
  { name: "denies within its time", guards: [guard()], waitMs: 30 * minuteMs, kind: "flow_denied" },
  { name: "is over after its time", guards: [guard()], waitMs: 30 * minuteMs + 1, kind: "admitted" },
  { name: "does not mind another scope", guards: [guard({ scopeKey: "grant:bob" })], waitMs: 0, kind: "admitted" },
  {
    name: "does not mind other tools",
    guards: [guard({ after: { matches: (mark) => mark.tool === "click" } })],
    waitMs: 0,
    kind: "admitted",
  },
  { name: "sees the review", guards: [guard({ after: { matches: isReviewed } })], waitMs: 0, kind: "flow_denied" },
  { name: "holds", guards: [hold], waitMs: 0, kind: "flow_held" },
  { name: "denies before it holds", guards: [hold, guard()], waitMs: 0, kind: "flow_denied" },
];

/** What every store does with rows, flows and settlements. Registers its tests in the calling file. */
export function storeSuite(kind: StoreKind): void {
  closeStoresAfterEach();

  describe(`rows of the ${kind.name} store`, () => {
    it.each(queries)("finds $name", async ({ query, sequences }) => {
      const { store } = await openStore(kind);
      await store.admit(admission("one"));
      await store.record(denied("two", "click", "bob"));
      await store.record(denied("three", "goto", "bob"));
      await store.record(eventRow("four", "bob"));
      await store.settle(settlement("one"));
      await store.admit(admission("six", { isHeld: true }));
      expect((await store.query(query)).map((row) => row.sequence)).toEqual(sequences);
    });

    it("gives rows back as they were, with their sequence", async () => {
      const { store } = await openStore(kind);
      const row = { ...denied("r", 'x"\n{"decision":"allow"}', "ålice"), message: "\u2028 😀" };
      await store.record(row);
      await store.record(eventRow("e"));
      expect(await store.query({})).toEqual([
        { ...row, sequence: 1 },
        { ...eventRow("e"), sequence: 2 },
      ]);
    });

    it("has the decision row as soon as the promise resolves", async () => {
      const { store } = await openStore(kind);
      const result = await store.admit(admission("now"));
      expect(await store.query({ requestId: "now" })).toEqual([{ ...callRow("now", result), sequence: 1 }]);
    });

    it("writes a refused call's row and no outcome for it", async () => {
      const { store } = await openStore(kind);
      const result = await store.admit(admission("full", { charges: [charge({ max: decimal(0) })] }));
      expect(result.kind).toBe("limit_reached");
      await store.settle(settlement("full"));
      expect(await store.query({})).toEqual([{ ...callRow("full", result), sequence: 1 }]);
    });

    it("writes one outcome however often a call is settled", async () => {
      const { store } = await openStore(kind);
      await store.admit(admission("once"));
      await Promise.all([store.settle(settlement("once")), store.settle(settlement("once", true))]);
      await store.settle(settlement("once"));
      expect(await store.query({ after: 1 })).toEqual([{ ...outcomeRow("once"), sequence: 2 }]);
    });

    it("keeps the order in which rows were handed in, also within one turn", async () => {
      const { store } = await openStore(kind);
      const ids = Array.from({ length: 700 }, (_, i) => `r${i}`);
      await Promise.all(ids.map((id) => store.record(denied(id, "goto", "alice"))));
      expect((await store.query({})).map((row) => row.requestId)).toEqual(ids);
    });

    it("returns at most 1,000 rows unless asked for more", async () => {
      const { store } = await openStore(kind);
      await Promise.all(Array.from({ length: 1100 }, (_, i) => store.record(denied(`r${i}`, "goto", "alice"))));
      expect((await store.query({})).length).toBe(1000);
      expect((await store.query({ last: 1050 })).length).toBe(1050);
      expect((await store.query({ limit: 2000 })).length).toBe(1100);
    });

    it("refuses a request that is still open and changes nothing", async () => {
      const { store } = await openStore(kind);
      await store.admit(admission("twice", { charges: [charge({ max: decimal(2) })] }));
      await expect(store.admit(admission("twice"))).rejects.toMatchObject({ code: "INTERNAL" });
      expect((await store.query({})).length).toBe(1);
      expect((await store.admit(admission("next", { charges: [charge({ max: decimal(2) })] }))).kind).toBe("admitted");
    });

    it("a row that cannot be built refuses its own call and no other of its group", async () => {
      const { store } = await openStore(kind);
      const broken = { ...admission("broken"), row: () => JSON.parse("not JSON") };
      const group = await Promise.allSettled([
        store.admit(admission("before")),
        store.admit(broken),
        store.admit(admission("after")),
      ]);
      expect(group.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect((await store.query({})).map((row) => row.requestId)).toEqual(["before", "after"]);
    });

    it("is unavailable once it is closed, and closes twice", async () => {
      const { store } = await openStore(kind);
      const pending = store.admit(admission("last"));
      await store.close();
      await store.close();
      expect((await pending).kind).toBe("admitted");
      await expect(store.admit(admission("late"))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await expect(store.query({})).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    });

    it("has 32 random bytes of its own as salt", async () => {
      const salts = [(await openStore(kind)).store.digestSalt, (await openStore(kind)).store.digestSalt];
      expect(salts.map((salt) => salt.length)).toEqual([32, 32]);
      expect(salts[0]).not.toEqual(salts[1]);
    });
  });

  describe(`flows over the ${kind.name} store`, () => {
    it.each(flows)("[R116] a flow $name", async ({ guards, waitMs, kind: expected }) => {
      const { store, clock } = await openStore(kind);
      await store.admit(admission("goto"));
      clock.pass(waitMs);
      const result = await store.admit(admission("later", { guards, mark: markToLeave({ tool: "send" }) }));
      expect(result.kind).toBe(expected);
    });

    it("[R116] a mark counts in each of its scopes", async () => {
      const { store } = await openStore(kind);
      await store.admit(
        admission("goto", { mark: markToLeave({ scopeKeys: ["grant:alice", "owner:ann", "session:1"] }) }),
      );
      for (const scopeKey of ["grant:alice", "owner:ann", "session:1"]) {
        expect((await store.admit(admission(scopeKey, { guards: [guard({ scopeKey })] }))).kind).toBe("flow_denied");
      }
    });

    it("[R116] the latest mark counts, not the first", async () => {
      const { store, clock } = await openStore(kind);
      await store.admit(admission("one"));
      clock.pass(20 * minuteMs);
      await store.admit(admission("two"));
      clock.pass(20 * minuteMs);
      expect((await store.admit(admission("later", { guards: [guard()] }))).kind).toBe("flow_denied");
    });

    it("[R116] calls of one turn see each other's marks", async () => {
      const { store } = await openStore(kind);
      const [, later] = await Promise.all([
        store.admit(admission("goto")),
        store.admit(admission("later", { guards: [guard()] })),
      ]);
      expect(later.kind).toBe("flow_denied");
    });

    it("[R116] a call that was not admitted leaves no mark", async () => {
      const { store } = await openStore(kind);
      await store.admit(admission("full", { charges: [charge({ max: decimal(0) })] }));
      await store.admit(admission("held", { isHeld: true }));
      expect((await store.admit(admission("later", { guards: [guard()] }))).kind).toBe("admitted");
    });

    it("[R116] a tool without a review keeps having none", async () => {
      const { store } = await openStore(kind);
      await store.admit(admission("goto", { mark: markToLeave({ category: undefined, signals: undefined }) }));
      const seen: FlowMark[] = [];
      const spy = guard({ after: { matches: (mark) => seen.push(mark) < 0 } });
      await store.admit(admission("later", { guards: [spy] }));
      expect(seen).toEqual([{ server: "camoufox", tool: "goto", category: undefined, signals: undefined }]);
    });

    it("[B201] a clock set ahead or back neither ends a flow nor starts one", async () => {
      const { store, clock } = await openStore(kind);
      await store.admit(admission("goto"));
      for (const wall of ["2026-03-01T13:00:00Z", "1970-01-01T00:00:00Z"]) {
        clock.setWall(Date.parse(wall));
        expect((await store.admit(admission(wall, { guards: [guard()] }))).kind).toBe("flow_denied");
      }
    });
  });

  describe(`the order of judging over the ${kind.name} store`, () => {
    const full = charge({ max: decimal(0), key: "full" });
    const firing = [guard({ effect: "hold", rule: "/flows/1" }), guard({ effect: "hold", rule: "/flows/2" })];

    it.each([
      {
        name: "a denying flow before a full limit",
        call: { guards: [guard()], charges: [full] },
        expected: "flow_denied",
      },
      {
        name: "a full limit before a holding flow",
        call: { guards: firing, charges: [full] },
        expected: "limit_reached",
      },
      { name: "a full limit before a person", call: { isHeld: true, charges: [full] }, expected: "limit_reached" },
      { name: "a holding flow and a person", call: { isHeld: true, guards: firing }, expected: "flow_held" },
      { name: "a person", call: { isHeld: true }, expected: "held" },
    ])("$name: $expected", async ({ call, expected }) => {
      const { store } = await openStore(kind);
      await store.admit(admission("goto"));
      expect((await store.admit(admission("later", call))).kind).toBe(expected);
    });

    it("names every flow that asks", async () => {
      const { store } = await openStore(kind);
      await store.admit(admission("goto"));
      const result = await store.admit(
        admission("later", { guards: [...firing, guard({ effect: "hold", withinMs: -1 })] }),
      );
      expect(result).toEqual({ kind: "flow_held", guards: firing });
    });

    it("[B209] a held call reserves nothing", async () => {
      const { store } = await openStore(kind);
      const charges = [charge({ max: decimal(1) })];
      for (let i = 0; i < 5; i += 1) await store.admit(admission(`held${i}`, { charges, isHeld: true }));
      expect((await store.admit(admission("released", { charges }))).kind).toBe("admitted");
    });
  });

  describe.runIf(kind.isLasting)(`a restart of the ${kind.name} store`, () => {
    it("keeps rows, sequence, marks and salt", async () => {
      const opened = await openStore(kind);
      const salt = opened.store.digestSalt;
      await opened.store.admit(admission("goto"));
      await opened.store.settle(settlement("goto"));
      const store = await opened.restart();
      expect((await store.query({})).map((row) => [row.sequence, row.kind])).toEqual([
        [1, "call"],
        [2, "outcome"],
      ]);
      expect((await store.admit(admission("later", { guards: [guard()] }))).kind).toBe("flow_denied");
      expect((await store.query({ last: 1 }))[0]?.sequence).toBe(3);
      expect(store.digestSalt).toEqual(salt);
    });

    it("[B432] marks a call that was still open as unknown, keeps its charge and frees its place", async () => {
      const opened = await openStore(kind);
      const charges = [
        charge({ max: decimal(1) }),
        charge({ key: "c", max: decimal(1), window: { kind: "concurrent" } }),
      ];
      await opened.store.admit(admission("lost", { charges }));
      const store = await opened.restart();
      expect((await store.query({ requestId: "lost" })).map((row) => row.kind)).toEqual(["call", "outcome"]);
      expect((await store.query({ after: 1 }))[0]).toMatchObject({ status: "unknown", isRefunded: false });
      await store.settle(settlement("lost", true));
      expect((await store.query({})).length).toBe(2);
      expect((await store.admit(admission("a", { charges: charges.slice(0, 1) }))).kind).toBe("limit_reached");
      expect((await store.admit(admission("b", { charges: charges.slice(1) }))).kind).toBe("admitted");
    });
  });
}
