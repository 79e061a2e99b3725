import { type Call, type CompiledPolicy, decide, loadPolicy } from "../src/policy/index.ts";
import type { SampleCall } from "./workload.ts";

/** An engine with calls prepared in its own form, so that only judging is timed. */
export interface Engine {
  readonly name: string;
  /** Whether the call at this place is allowed. */
  readonly judge: (index: number) => boolean;
}

/** Compiles a policy of the benches; one that has problems is a fault of the bench. */
export function compile(text: string): CompiledPolicy {
  const { policy, problems } = loadPolicy(text, {
    identity: { id: "bench", version: 1, sha256: "0" },
    file: "bench.json",
  });
  if (policy === undefined) throw new Error(`the policy has problems: ${JSON.stringify(problems)}`);
  return policy;
}

/** A call as the gateway describes it to the policy. */
export function describe({ tool, args }: SampleCall): Call {
  const { amount, ...rest } = args;
  return {
    organisation: "default",
    server: { name: "bench" },
    grant: { id: "alice", label: "Alice", owner: "alice", tags: {} },
    client: { ip: "127.0.0.1", name: "bench", version: "1" },
    session: undefined,
    tool: { name: tool, isListed: true, isChanged: false, review: undefined, schema: undefined },
    args: amount === undefined ? rest : { amount, ...rest },
  };
}

const facts = { nowMs: Date.parse("2026-07-28T12:00:00Z") };

/** Callgate's own engine. */
export function callgateEngine(name: string, policy: CompiledPolicy, samples: readonly SampleCall[]): Engine {
  const calls = samples.map(describe);
  return {
    name,
    judge: (index) => {
      const call = calls[index % calls.length];
      return call !== undefined && decide(policy, call, facts).outcome === "allow";
    },
  };
}

/** Throws when an engine's verdict on a call of the table is not the expected one. */
export function checkVerdicts(engine: Engine, calls: readonly SampleCall[]): void {
  for (const [index, call] of calls.entries()) {
    if (engine.judge(index) === call.isAllowed) continue;
    throw new Error(
      `${engine.name} is wrong about the call "${call.name}": it must be ${call.isAllowed ? "allowed" : "denied"}`,
    );
  }
}
