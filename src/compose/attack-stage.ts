import {
  type Attack,
  messageRule,
  notListed,
  type ReplayAction,
  type SentHeaders,
  serverOf,
  type StepOutcome,
  toolsListed,
} from "../attacks/attack.ts";
import { judgePlayed, type PlayedAttack, type PlayedStep, playSteps, type Stage } from "../attacks/play.ts";
import { AppError } from "../errors.ts";
import { describeSimulatedCall, type SimulatedCall, type SimulatedTool } from "../gateway/simulate.ts";
import { prepareSchema } from "../input-schema/prepare-schema.ts";
import { type CompiledPolicy, type Decision, door, loadPolicy, visibility } from "../policy/index.ts";
import { classifyClientMessage } from "../protocol/classify.ts";
import { createSimulation } from "./simulation.ts";

/**
 * A stage with the gateway's own engine and no server: calls are judged, counted and marked, and end at once. Servers
 * beside the one that the policy is about have a policy that allows all.
 */
function createEngineStage({ slug, replay }: Attack, policy: CompiledPolicy): Stage {
  const tools: readonly SimulatedTool[] = toolsListed(replay, true).map(({ name, inputSchema }) => ({
    name,
    inputSchema,
    review: undefined,
  }));
  const simulation = createSimulation(policy, tools, Date.now());
  const open = policyThatAllowsAll();
  const policyOf = (action: ReplayAction): CompiledPolicy => (serverOf(replay, action) === undefined ? policy : open);
  const describe = (action: ReplayAction, tool: string, args: SimulatedCall["args"]): SimulatedCall => ({
    tool,
    args,
    server: serverOf(replay, action) ?? slug,
    grant: { id: slug, label: slug, owner: replay.grant.owner, tags: replay.grant.tags },
    client: { ip: undefined, name: undefined, version: undefined },
    session: undefined,
  });
  const perform = async (action: ReplayAction): Promise<StepOutcome> => {
    switch (action.kind) {
      case "call":
        return outcomeOf(
          await simulation.judge(describe(action, action.tool, action.args), Date.now(), policyOf(action)),
        );
      case "see": {
        const { tool } = describeSimulatedCall(describe(action, action.tool, {}), tools, prepareSchema);
        const seen = visibility(policyOf(action), tool);
        return seen === "listed" ? { kind: "passed" } : notListed;
      }
      case "ask":
        return outcomeOf(door(policyOf(action), action.door));
      case "read":
        return outcomeOf(door(policy, "resources", action.uri));
      case "prompt":
        return outcomeOf(door(policy, "prompts", action.prompt));
      case "send":
        return outcomeOfMessage(action.text, action.headers);
    }
  };
  return { perform, close: () => simulation.close() };
}

function outcomeOf({ outcome, code, rule }: Decision): StepOutcome {
  return outcome === "allow" ? { kind: "passed" } : { kind: "stopped", code, rule };
}

/** What the gateway makes of a message before any policy, over HTTP. */
function outcomeOfMessage(text: string, headers: SentHeaders): StepOutcome {
  const message = classifyClientMessage(new TextEncoder().encode(text), {
    transport: "http",
    headers: {
      protocolVersion: headers["mcp-protocol-version"],
      method: headers["mcp-method"],
      name: headers["mcp-name"],
      params: {},
      repeated: [],
    },
  });
  if (message.kind !== "rejected") return { kind: "passed" };
  return { kind: "stopped", code: message.rejection.reason, rule: messageRule };
}

/** Plays an attack with its policy, and without one, on the engine. Nothing is sent anywhere. */
export async function playOnEngine(attack: Attack): Promise<PlayedAttack> {
  return judgePlayed(attack, await play(attack, attack.policy), await play(attack, policyThatAllowsAll()));
}

async function play(attack: Attack, policy: CompiledPolicy): Promise<readonly PlayedStep[]> {
  const stage = createEngineStage(attack, policy);
  try {
    return await playSteps(attack.replay.steps, stage);
  } finally {
    await stage.close();
  }
}

function policyThatAllowsAll(): CompiledPolicy {
  const identity = { id: "no policy", version: 1, sha256: "" };
  const { policy } = loadPolicy(JSON.stringify({ version: "1", default: "allow" }), { identity });
  if (policy === undefined) throw new AppError("INTERNAL", "the policy that allows all did not load");
  return policy;
}
