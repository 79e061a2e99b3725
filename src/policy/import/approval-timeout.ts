import type { JsonValue } from "../../values/json.ts";
import { durationMsMax, formatDuration } from "../../documents/durations.ts";
import type { RulesDraft } from "./rules-draft.ts";

/**
 * The older `approval_timeout` (`10m`, `1h30m`) as this language writes a length of time. Undefined without one, and,
 * reported, for one that cannot be read: the question then stands as long as the language's default says.
 */
export function approvalTimeout(source: JsonValue | undefined, path: string, draft: RulesDraft): string | undefined {
  if (source === undefined) return undefined;
  const match = typeof source === "string" ? /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/.exec(source) : null;
  const [, hours = "0", minutes = "0", seconds = "0"] = match ?? [];
  const timeoutMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  if (timeoutMs > 0 && timeoutMs <= durationMsMax) return formatDuration(timeoutMs);
  draft.report({
    severity: "dropped",
    path,
    code: "approval_timeout",
    message:
      "the time for an answer is written as hours, minutes and seconds, such as `10m`; the default of 10 minutes stands",
  });
  return undefined;
}
