import type { Peer } from "./peer.ts";
import type { Gate } from "./gate.ts";

/** What came of a client's visit to a server: its list, a call that is allowed, one that is denied, and the truth. */
export interface Visit {
  readonly tools: readonly string[];
  /** Whether the allowed call brought what the server holds. */
  readonly isAnswered: boolean;
  /** What the client was told of the denied call. */
  readonly denial: string;
  /** The tools of the calls that reached the server. */
  readonly reached: readonly string[];
  /** Outcome and rule of every call, as Callgate wrote them down. */
  readonly decisions: readonly string[];
  readonly isHarmed: boolean;
  /** The revision that the client settled on, when it says. */
  readonly revision: string | undefined;
}

/** Lets a client list, make the allowed call and then the denied one. */
export async function visitGate(peer: Peer, gate: Gate): Promise<Visit> {
  const { server, target } = gate;
  const session = await peer.open(target);
  try {
    const tools = await session.list();
    const answer = await session.call(server.allowed.tool, server.allowed.args);
    const denial = await session.call(server.denied.tool, server.denied.args);
    return {
      tools,
      isAnswered: !answer.isError && answer.text.includes(server.allowed.answer),
      denial: denial.text,
      reached: gate.reached(),
      decisions: gate.rows.calls().map(({ outcome, rule }) => `${outcome} ${rule}`.trimEnd()),
      isHarmed: server.isHarmed(),
      revision: session.revision,
    };
  } finally {
    await session.close();
  }
}

/** Pure. What a visit through Callgate differs in from what the policy says, one line each; empty when in nothing. */
export function faultsOf(visit: Visit, peer: Peer, { server, isModern }: Gate): readonly string[] {
  // Who asks for the newer era where only the older is spoken has to find its way back.
  const revision = isModern && peer.era !== "legacy" ? "2026-07-28" : "2025-11-25";
  const wanted: Readonly<Record<string, readonly [seen: unknown, wanted: unknown]>> = {
    tools: [visit.tools, server.visible],
    "allowed call is answered": [visit.isAnswered, true],
    "denial is told": [visit.denial.startsWith("[POLICY DENIED] "), true],
    "calls that reached the server": [visit.reached, [server.allowed.tool]],
    decisions: [visit.decisions, ["allow", `deny ${server.denied.rule}`]],
    harm: [visit.isHarmed, false],
    revision: [visit.revision ?? revision, revision],
  };
  return Object.entries(wanted)
    .filter(([, [seen, expected]]) => JSON.stringify(seen) !== JSON.stringify(expected))
    .map(([what, [seen, expected]]) => `${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
}
