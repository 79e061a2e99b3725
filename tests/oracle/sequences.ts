import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type { Clock } from "../../src/clock.ts";
import type { Call } from "../../src/policy/call.ts";
import type { CompiledPolicy, Decision } from "../../src/policy/index.ts";
import { decide, settleAdmission } from "../../src/policy/index.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { Coverage } from "./coverage.ts";
import type { PolicyDocument } from "./document.ts";
import type { Moment } from "./gateway.ts";
import { OracleGateway } from "./gateway.ts";
import { edited, limitedDocument, repeatedCall } from "./generators/sequences.ts";
import { pick } from "./generators/present.ts";
import { load } from "./real.ts";
import { callRow, outcomeRow } from "./rows.ts";

/** One event of a sequence: time passes, then a call comes, and perhaps an earlier one ends. */
export interface Event {
  readonly passesMs: number;
  /** How far the wall clock, and it alone, jumps. */
  readonly jumpsMs: number;
  /** Whether the call is judged by the edited document. */
  readonly isEdited: boolean;
  readonly call: Call;
  /** Which of the calls still in flight ends after this one, counted from the oldest; none when it is too high. */
  readonly ends: number;
  readonly isNotSent: boolean;
}

/** Steps about the edges of slices and windows: a slice of a minute is a second. */
const passes = pick([
  0,
  0,
  0,
  1,
  100,
  999,
  1000,
  1001,
  1017,
  5000,
  15_000,
  59_000,
  60_000,
  61_000,
  90_500,
  3_600_000,
  86_400_000,
  7 * 86_400_000,
]);

const event: Arbitrary<Event> = fc.record({
  passesMs: passes,
  jumpsMs: pick([0, 0, 0, 0, 0, 0, 0, 0, 0, 3_600_000, -3_600_000, 86_400_000, -86_400_000]),
  isEdited: pick([false, false, true]),
  call: repeatedCall,
  ends: fc.nat(6),
  isNotSent: fc.boolean(),
});

/** A clock that goes where it is told. */
class FakeClock implements Clock {
  #wallMs = Date.parse("2026-03-28T22:58:30Z");
  #elapsedMs = 0;

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Both times go on together. */
  pass(ms: number): void {
    this.#wallMs += ms;
    this.#elapsedMs += ms;
  }

  /** The wall clock is set. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  moment(): Moment {
    return { wallMs: this.#wallMs, elapsedMs: this.#elapsedMs };
  }
}

/** Where a sequence is played. */
export interface Ground {
  readonly open: (clock: Clock) => Promise<Store>;
  /** The store is closed and opened again after so many events; the wall clock then never jumps. */
  readonly restartsEvery: number;
}

/** A store in memory, which lives as long as its sequence. */
export const inMemory: Ground = { open: async (clock) => openMemoryStore({ clock }), restartsEvery: Infinity };

/** Plays a sequence against a store and against the oracle; the first difference in one line, or undefined. */
export async function differenceInSequence(
  document: PolicyDocument,
  events: readonly Event[],
  coverage: Coverage,
  ground: Ground,
): Promise<string | undefined> {
  const clock = new FakeClock();
  let store = await ground.open(clock);
  const oracle = new OracleGateway();
  const versions = [document, edited(document)].map((version) => ({ document: version, policy: load(version) }));
  const inFlight: string[] = [];
  try {
    for (const [i, { passesMs, jumpsMs, isEdited, call, ends, isNotSent }] of events.entries()) {
      clock.pass(passesMs);
      if (ground.restartsEvery === Infinity) clock.jump(jumpsMs);
      else if (i % ground.restartsEvery === ground.restartsEvery - 1) {
        await store.close();
        store = await ground.open(clock);
        oracle.restart();
        inFlight.length = 0;
        coverage.count("restart");
      }
      const version = versions[Number(isEdited)];
      if (version === undefined) continue;
      const requestId = `r${i}`;
      const acceptable = oracle.acceptable(version.document, call, clock.moment());
      const got = await judgeAndAdmit(store, version.policy, call, requestId, clock.wallMs());
      coverage.count(got.code);
      if (acceptable.length > 1) coverage.count("in the last slice of a window");
      if (
        !acceptable.some(({ outcome, code, rule }) => outcome === got.outcome && code === got.code && rule === got.rule)
      ) {
        return `event ${i}: expected ${JSON.stringify(acceptable)}, got ${got.outcome} ${got.code} ${got.rule}`;
      }
      if (got.outcome === "allow") {
        oracle.forward(requestId, version.document, call, clock.moment());
        inFlight.push(requestId);
      }
      const [ended] = inFlight.splice(ends, 1);
      if (ended === undefined) continue;
      await store.settle({ requestId: ended, isNotSent, row: outcomeRow(ended, isNotSent) });
      oracle.settle(ended, isNotSent);
    }
    return undefined;
  } finally {
    await store.close();
  }
}

async function judgeAndAdmit(
  store: Store,
  policy: CompiledPolicy,
  call: Call,
  requestId: string,
  nowMs: number,
): Promise<Decision> {
  const decision = decide(policy, call, { nowMs });
  if (decision.wants === undefined) return decision;
  const isHeld = decision.outcome === "hold";
  const row = (): ReturnType<typeof callRow> => callRow(requestId, call, decision);
  const result = await store.admit({ requestId, wants: decision.wants, isHeld, row });
  return settleAdmission(decision, result);
}

/** Plays random sequences and throws on the first difference. Returns how many calls were compared. */
export async function compareSequences(
  runs: number,
  seed: number,
  coverage: Coverage,
  ground: Ground = inMemory,
): Promise<number> {
  let calls = 0;
  const property = fc.asyncProperty(
    limitedDocument,
    fc.array(event, { minLength: 5, maxLength: 40, size: "max" }),
    async (document, events) => {
      calls += events.length;
      const difference = await differenceInSequence(document, events, coverage, ground);
      if (difference !== undefined) throw new Error(difference);
    },
  );
  await fc.assert(property, { numRuns: runs, seed });
  return calls;
}
