import { expect, test } from "vitest";
import type { Call } from "../../src/policy/call.ts";
import type { JsonObject } from "../../src/values/json.ts";
import { caseOf } from "./compare.ts";
import { Coverage } from "./coverage.ts";
import type { PolicyDocument } from "./document.ts";
import type { Event } from "./sequences.ts";
import { differenceInSequence, inMemory } from "./sequences.ts";

const hourMs = 3_600_000;
const none = 99;

function callOf(args: JsonObject, session?: string): Call {
  const call = { tool: { name: "refund" }, args, ...(session !== undefined && { session }) };
  return caseOf({ document: {}, call, facts: {} }, () => []).call;
}

function event(call: Call, changes: Partial<Event> = {}): Event {
  return { passesMs: 0, jumpsMs: 0, isEdited: false, call, ends: none, isNotSent: false, ...changes };
}

/** Plays the sequence on both, which must agree, and gives how often each code came. */
async function play(document: PolicyDocument, events: readonly Event[]): Promise<string> {
  const coverage = new Coverage();
  expect(await differenceInSequence(document, events, coverage, inMemory)).toBe(undefined);
  return coverage.report();
}

// policy.md §8, scope of a flow, with §5: where there is no session, the grant.
test("a flow by session looks at the whole grant when the later call has no session", async () => {
  const document: PolicyDocument = {
    version: "1",
    default: "allow",
    flows: [
      { name: "again", after: { tools: ["refund"] }, within: "30m", scope: "session", deny: { tools: ["refund"] } },
    ],
  };
  const events = [event(callOf({}, "s1")), event(callOf({}, "s2")), event(callOf({}))];
  expect(await play(document, events)).toBe("allowed: 2\nflow_denied: 1");
});

// policy.md §5: time that jumps back never reopens a window.
test("a charge of nothing on the next day does not give a new day to charges after the clock jumped back", async () => {
  const document: PolicyDocument = { version: "1", default: "allow", all_tools: { spend_limit: "$10/day" } };
  const events = [
    event(callOf({ amount: 9 })),
    event(callOf({ amount: 0 }), { jumpsMs: 24 * hourMs }),
    event(callOf({ amount: 9 }), { jumpsMs: -24 * hourMs }),
  ];
  expect(await play(document, events)).toBe("allowed: 2\nlimit_reached: 1");
});

// policy.md §5: time that jumps back never reopens a window.
test("a day that was used before its end stays the current one when the clock jumps back over midnight", async () => {
  const document: PolicyDocument = { version: "1", default: "allow", all_tools: { spend_limit: "$10/day" } };
  const events = [
    event(callOf({ amount: 9 })),
    event(callOf({ amount: 9 }), { jumpsMs: 24 * hourMs }),
    event(callOf({ amount: 2 }), { jumpsMs: -24 * hourMs }),
  ];
  expect(await play(document, events)).toBe("allowed: 2\nlimit_reached: 1");
});
