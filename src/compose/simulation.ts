import {
  createSettableClock,
  describeSimulatedCall,
  simulate,
  type SimulateCalls,
  type SimulatedCall,
  type SimulatedTool,
} from "../gateway/simulate.ts";
import { prepareSchema } from "../input-schema/prepare-schema.ts";
import { createLogger } from "../logger.ts";
import type { CompiledPolicy, Decision } from "../policy/index.ts";
import { openMemoryStore } from "../store/memory/memory-store.ts";

/** Judges calls that nobody sends, on counters of its own. */
export interface Simulation {
  /**
   * The gateway's decision on the call at this wall time (milliseconds since 1970); for a call to another server than
   * the simulation's under that server's own policy, on the same counters and marks.
   */
  judge(call: SimulatedCall, nowMs: number, own?: CompiledPolicy): Promise<Decision>;
  close(): Promise<void>;
}

/** A simulation with the gateway's own engine on a store in memory. `tools` undefined: every name is one of the server's. */
export function createSimulation(
  policy: CompiledPolicy,
  tools: readonly SimulatedTool[] | undefined,
  startMs: number,
): Simulation {
  const clock = createSettableClock(startMs);
  const store = openMemoryStore({ clock });
  const parts = { store, clock, logger: createLogger("error"), digestArguments: () => "" };
  return {
    judge: async (call, nowMs, own = policy) => {
      clock.set(nowMs);
      return simulate(parts, own, describeSimulatedCall(call, tools, prepareSchema));
    },
    close: () => store.close(),
  };
}

/** Judges calls one after the other in a simulation of their own. */
export const simulateCalls: SimulateCalls = async (policy, tools, calls) => {
  const simulation = createSimulation(policy, tools, Math.min(...calls.map(({ nowMs }) => nowMs)));
  try {
    const decisions: Decision[] = [];
    for (const { call, nowMs } of calls) decisions.push(await simulation.judge(call, nowMs));
    return decisions;
  } finally {
    await simulation.close();
  }
};
