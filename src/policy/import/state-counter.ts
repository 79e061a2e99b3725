import { decimalFromNumber } from "../../values/decimal.ts";
import { ownMember } from "../../values/json.ts";
import type { JsonObject } from "../../values/json.ts";
import { quoted } from "./note.ts";
import { convertPath } from "./older-path.ts";
import { closeTool } from "./rules-draft.ts";
import type { RulesDraft } from "./rules-draft.ts";

/**
 * What a counter may reach by a condition on it: `lte N` is N cut to a whole number, `lt N` one less. Undefined, with
 * the tool closed, for other operators and for what is no number.
 */
export function stateBound(condition: JsonObject, path: string, draft: RulesDraft): number | undefined {
  const op = ownMember(condition, "op");
  const value = ownMember(condition, "value");
  if (op !== "lt" && op !== "lte") {
    closeTool(draft, path, "state_operator", "a counter becomes a limit by `lt` or `lte` only");
    return undefined;
  }
  if (typeof value !== "number") {
    closeTool(draft, path, "never_holds", `${quoted(op)} with anything but a number never held`);
    return undefined;
  }
  if (decimalFromNumber(Math.trunc(value)) === undefined) {
    closeTool(draft, path, "value_unusable", "the bound has too many digits");
    return undefined;
  }
  return op === "lt" ? Math.trunc(value) - 1 : Math.trunc(value);
}

/** What a call adds to the counter, as fields of a limit; undefined, with the tool closed, when it has no equivalent. */
export function stateIncrement(state: JsonObject, path: string, draft: RulesDraft): JsonObject | undefined {
  const from = ownMember(state, "increment_from");
  const fixed = ownMember(state, "increment") ?? 1;
  if (from !== undefined) {
    const converted = typeof from === "string" ? convertPath(from) : undefined;
    if (converted !== undefined && fixed === 1) return { increment_from: converted.path };
    const why = "`increment_from` wants a path such as `args.amount`, and no `increment` beside it";
    closeTool(draft, `${path}/increment_from`, "increment_unusable", why);
    return undefined;
  }
  if (typeof fixed === "number" && fixed > 0 && decimalFromNumber(fixed) !== undefined)
    return fixed === 1 ? {} : { increment: fixed };
  closeTool(
    draft,
    `${path}/increment`,
    "increment_unusable",
    "`increment` wants a number above zero; no limit can be lowered by a call",
  );
  return undefined;
}
