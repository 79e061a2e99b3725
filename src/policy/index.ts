export type { ArgumentSchema, Call, Category, Facts, GrantFacts, SchemaFault, Signal, ToolFacts, ToolReview } from "./call.ts";
export { categories, signals } from "./call.ts";
export type { Decision, DecisionCode, DecisionDetail, Observation, PolicyIdentity } from "./decision.ts";
