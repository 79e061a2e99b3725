import { validateDraft } from "../../control/drafts.ts";
import { describeSimulatedCall } from "../../gateway/simulate.ts";
import { prepareSchema } from "../../input-schema/prepare-schema.ts";
import { explain } from "../../policy/index.ts";
import type { BindOperation } from "../bind-operation.ts";
import * as contract from "../contract/drafts.ts";
import { decisionView, imaginedPlace, simulatedCall } from "../imagined-calls.ts";
import { problemView } from "../problem-view.ts";
import type { WebParts } from "../web-parts.ts";

/** Texts and calls that are only thought of: nothing is saved, called or counted. */
export function bindDrafts(bind: BindOperation, { control, clock, simulate }: WebParts): void {
  const timeOf = ({ at }: contract.ImaginedCall): number => (at === undefined ? clock.wallMs() : Date.parse(at));
  bind(contract.validatePolicy, async ({ body: { document, server } }) => {
    const problems = await validateDraft(control, document, server);
    const isValid = !problems.some(({ severity }) => severity === "error");
    return { answer: { isValid, problems: problems.map(problemView) } };
  });
  bind(contract.explainCall, async ({ body: { call, ...caller } }) => {
    const place = await imaginedPlace(control, caller);
    const described = describeSimulatedCall(simulatedCall(place, call), place.tools, prepareSchema);
    const { decision, steps } = explain(place.policy, described, { nowMs: timeOf(call) });
    return { answer: { decision: decisionView(decision), steps } };
  });
  bind(contract.testCalls, async ({ body: { calls, ...caller } }) => {
    const place = await imaginedPlace(control, caller);
    const timed = calls.map((call) => ({ call: simulatedCall(place, call), nowMs: timeOf(call) }));
    const decisions = await simulate(place.policy, place.tools, timed);
    return { answer: { decisions: decisions.map(decisionView) } };
  });
}
