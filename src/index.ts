export { AppError } from "./errors.ts";
export type { ErrorCode, Problem } from "./errors.ts";
export { decide, loadPolicy, settleAdmission, visibility } from "./policy/index.ts";
export type { Call, CompiledPolicy, Decision, DecisionCode, Facts, LoadedPolicy, LoadOptions } from "./policy/index.ts";
