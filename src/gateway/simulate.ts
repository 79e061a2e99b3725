import type { Clock } from "../clock.ts";
import { newTimedId } from "../ids.ts";
import {
  type ArgumentSchema,
  type Call,
  type CompiledPolicy,
  type Decision,
  decide,
  type ToolReview,
} from "../policy/index.ts";
import type { JsonObject, JsonValue } from "../values/json.ts";
import type { GatewayParts } from "./parts.ts";
import { journal } from "./steps/journal.ts";

/** A tool as far as a simulated server lists it. */
export interface SimulatedTool {
  readonly name: string;
  readonly inputSchema: JsonValue | undefined;
  /** The catalogue's reviewed verdict, if there is one. */
  readonly review: ToolReview | undefined;
}

/** A call that nobody sends: what `policy explain` and `policy test` judge. */
export interface SimulatedCall {
  readonly tool: string;
  readonly args: JsonObject;
  readonly server: string;
  readonly grant: Call["grant"];
  readonly client: Call["client"];
  readonly session: string | undefined;
}

/** Judges calls one after the other, with limits and flows, on counters that nobody else has. */
export type SimulateCalls = (
  policy: CompiledPolicy,
  tools: readonly SimulatedTool[] | undefined,
  calls: readonly { readonly call: SimulatedCall; readonly nowMs: number }[],
) => Promise<readonly Decision[]>;

/** The call as the policy sees it. Without a list of tools every name counts as one of the server's. */
export function describeSimulatedCall(
  call: SimulatedCall,
  tools: readonly SimulatedTool[] | undefined,
  prepareSchema: (schema: JsonValue) => ArgumentSchema,
): Call {
  const tool = tools?.find(({ name }) => name === call.tool);
  return {
    organisation: "default",
    server: { name: call.server },
    grant: call.grant,
    client: call.client,
    session: call.session,
    tool: {
      name: call.tool,
      isListed: tools === undefined || tool !== undefined,
      isChanged: false,
      review: tool?.review,
      schema: tool?.inputSchema === undefined ? undefined : prepareSchema(tool.inputSchema),
    },
    args: call.args,
  };
}

/** Judges a call as the gateway would, limits and flows included, and ends it at once: nothing is forwarded. */
export async function simulate(
  parts: Pick<GatewayParts, "store" | "clock" | "logger" | "digestArguments">,
  policy: CompiledPolicy,
  call: Call,
): Promise<Decision> {
  const requestId = newTimedId("req", parts.clock.wallMs());
  const judged = decide(policy, call, { nowMs: parts.clock.wallMs() });
  const decision = await journal(parts, call, judged, {
    requestId,
    method: "tools/call",
    transport: "memory",
    era: "modern",
    requestBytes: 0,
    receivedAtMs: parts.clock.monotonicMs(),
  });
  if (decision.outcome === "allow") {
    await parts.store.settle({
      requestId,
      isNotSent: false,
      row: {
        kind: "outcome",
        time: new Date(parts.clock.wallMs()).toISOString(),
        requestId,
        status: "completed",
        resultBytes: 0,
        upstreamMicros: 0,
        isRefunded: false,
      },
    });
  }
  return decision;
}

/** A clock that stands still until it is set. */
export interface SettableClock extends Clock {
  /** Moves to this wall time (milliseconds since 1970); elapsed time follows, forwards only. */
  set(wallMs: number): void;
}

/** A clock for simulations, standing at the given wall time. */
export function createSettableClock(wallMs: number): SettableClock {
  let wall = wallMs;
  let elapsed = 0;
  return {
    wallMs: () => wall,
    monotonicMs: () => elapsed,
    set: (next) => {
      elapsed += Math.max(0, next - wall);
      wall = next;
    },
  };
}
