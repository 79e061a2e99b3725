export type {
  ArgumentSchema,
  Call,
  Category,
  Facts,
  GrantFacts,
  SchemaFault,
  Signal,
  ToolFacts,
  ToolReview,
} from "./call.ts";
export { categories, signals } from "./call.ts";
export type { KnownTool, Profile } from "./compile-context.ts";
export type { ApprovalTerms, CompiledPolicy, DoorKind } from "./compiled.ts";
export { counterPlaces, readCounterKey } from "./counters.ts";
export type { CounterPlace, CounterScope } from "./counters.ts";
export { decide } from "./decide.ts";
export type { Decision, DecisionCode, DecisionDetail, Observation, PolicyIdentity } from "./decision.ts";
export type { PolicyDocument } from "./document.ts";
export { door, doorWants } from "./doors.ts";
export { explain, toSentences } from "./explain.ts";
export type { ExplainedStep, Explanation } from "./explain.ts";
export { normalForm, printPolicy } from "./normal-form.ts";
export { loadPolicy } from "./load.ts";
export type { LoadedPolicy, LoadOptions } from "./load.ts";
export { problemCodes } from "./problem-codes.ts";
export type { PolicyProblemCode } from "./problem-codes.ts";
export { settleAdmission } from "./settle.ts";
export { visibility } from "./visibility.ts";
export type { Visibility } from "./visibility.ts";
