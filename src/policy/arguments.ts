import type { Call } from "./call.ts";
import type { CompiledRules } from "./compiled.ts";

/** What is known of the arguments that one input schema and one entry's rules name. */
export interface ArgumentCheck {
  readonly names: ReadonlySet<string>;
}

/** Pure. */
export function unknownArgumentsOf(_rules: CompiledRules, _call: Call): readonly string[] {
  return [];
}
