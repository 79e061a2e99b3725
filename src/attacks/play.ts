import {
  type Attack,
  type Coverage,
  isStoppedByGateway,
  type Judgement,
  type ReplayAction,
  type ReplayStep,
  type StepOutcome,
} from "./attack.ts";
import { coverageOf } from "./parse-replay.ts";

/** Where a replay is played: the engine alone, or a gateway with a server behind it. */
export interface Stage {
  /** Does one thing once, and says what came of it. */
  perform(action: ReplayAction): Promise<StepOutcome>;
  close(): Promise<void>;
}

/** A step with what came of it. */
export interface PlayedStep extends ReplayStep {
  /** Of the last of several equal calls; of the first that was stopped, when that was not the last. */
  readonly outcome: StepOutcome;
  readonly isAsExpected: boolean;
}

/** Plays steps in order on one stage. */
export async function playSteps(steps: readonly ReplayStep[], stage: Stage): Promise<readonly PlayedStep[]> {
  const played: PlayedStep[] = [];
  for (const step of steps) {
    const times = step.action.kind === "call" ? step.action.repeat : 1;
    let outcome: StepOutcome = { kind: "passed" };
    let done = 0;
    while (done < times && outcome.kind === "passed") {
      outcome = await stage.perform(step.action);
      done += 1;
    }
    played.push({ ...step, outcome, isAsExpected: done === times && isSame(outcome, step.expected) });
  }
  return played;
}

function isSame(outcome: StepOutcome, expected: Judgement): boolean {
  if (outcome.kind !== "stopped" || expected.kind !== "stopped") return outcome.kind === expected.kind;
  return outcome.code === expected.code && outcome.rule === expected.rule;
}

/** What a replay showed. */
export interface PlayedAttack {
  readonly slug: string;
  readonly name: string;
  readonly label: Coverage;
  /** What the steps amount to. */
  readonly shown: Coverage;
  /**
   * Whether the label holds: every step came out as the entry says, and without a policy every step goes through but
   * those that the gateway itself stops, so that it is the policy that stops the others.
   */
  readonly holds: boolean;
  readonly steps: readonly PlayedStep[];
}

/** Pure. The verdict on an attack that was played with its policy, and once more without one. */
export function judgePlayed(
  attack: Attack,
  steps: readonly PlayedStep[],
  withoutPolicy: readonly PlayedStep[],
): PlayedAttack {
  const shown = coverageOf(steps.map(({ role, outcome }) => ({ role, expected: outcome })));
  const reaches = withoutPolicy.every((step) =>
    isStoppedByGateway(step) ? step.isAsExpected : step.outcome.kind === "passed",
  );
  const holds = steps.every(({ isAsExpected }) => isAsExpected) && reaches && shown === attack.coverage;
  return { slug: attack.slug, name: attack.name, label: attack.coverage, shown, holds, steps };
}

/**
 * Pure. The verdict on an attack that was played against a gateway that runs, whose policy may be another than the
 * entry's: the label holds when everything was stopped that it says can be, by whatever rule. A step that failed at the
 * server shows nothing, so a label never holds with one.
 */
export function judgeLive(attack: Attack, played: readonly PlayedStep[]): PlayedAttack {
  const steps = played.map((step) => ({
    ...step,
    isAsExpected: step.outcome.kind === "stopped" || step.outcome.kind === step.expected.kind,
  }));
  const shown = coverageOf(steps.map(({ role, outcome }) => ({ role, expected: outcome })));
  const holds = steps.every(({ isAsExpected }) => isAsExpected);
  return { slug: attack.slug, name: attack.name, label: attack.coverage, shown, holds, steps };
}

/**
 * Pure. What is sent to a gateway that runs: the attack and what leads up to it, never the agent's own work. Where a
 * limit is to stop the attack, it makes the calls more that the work would have used up.
 */
export function liveSteps(steps: readonly ReplayStep[]): readonly ReplayStep[] {
  let leftOut = 0;
  return steps.flatMap((step) => {
    const { role, action, expected } = step;
    if (role === "work") {
      leftOut += action.kind === "call" ? action.repeat : 0;
      return [];
    }
    const isLimited = expected.kind === "stopped" && expected.code === "limit_reached";
    if (action.kind !== "call" || !isLimited) return [step];
    return [{ ...step, action: { ...action, repeat: action.repeat + leftOut } }];
  });
}
