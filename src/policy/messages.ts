import type { Charge } from "../values/admission.ts";
import { formatDecimal } from "../values/decimal.ts";
import type { DecisionCode } from "./decision.ts";
import { windowWords } from "./limits.ts";

/** Pure. A tool's name for a sentence: in backticks, cut to 100 characters. */
export function quoteTool(name: string): string {
  return `\`${name.length > 100 ? `${name.slice(0, 100)}...` : name}\``;
}

/** Pure. What the agent is told of a denial without a message of its own: what happened, and what to do next. `isNew`: nobody ever reviewed the tool. */
export function sentenceOf(code: DecisionCode, tool: string, isNew = false): string {
  const name = quoteTool(tool);
  switch (code) {
    case "no_policy":
      return `${name}: this grant has no policy, so every call is denied; ask an administrator to attach one`;
    case "hidden":
    case "unknown_tool":
      return `there is no tool ${name}; list the tools and use one of them`;
    case "changed_tool":
      return isNew
        ? `${name} is new and waits for a review; use another tool, or ask an administrator to review it`
        : `${name} has changed since it was reviewed; ask an administrator to review it again`;
    case "default_deny":
      return `${name} is not allowed by the policy of this grant; use another tool, or ask an administrator to allow it`;
    case "unreviewed_tool":
      return `${name} has not been reviewed yet; use another tool, or ask an administrator to review it`;
    case "denied":
      return `${name} is denied by policy; use another tool`;
    case "arguments_invalid":
      return `${name}: the arguments do not fit the tool's input schema; correct them and call again`;
    case "unknown_argument":
      return `${name}: an argument is not one that the tool names; remove it, or spell it as the tool's input schema does`;
    case "require_failed":
      return `${name}: the arguments do not meet a requirement of the policy; change them, or use another tool`;
    case "deny_if_matched":
      return `${name}: the policy denies this call with these arguments; change them, or use another tool`;
    case "cannot_judge":
      return `${name}: the policy cannot judge these arguments, so the call is denied; give them in a plain form and the right type`;
    case "increment_invalid":
      return `${name}: an argument that the policy counts is missing or is no plain number; correct it and call again`;
    case "flow_denied":
      return `${name} may not be called so soon after what was called before; wait, or work without it`;
    case "approval_required":
      return `${name} needs a person's approval for this call; wait for it, then repeat the call unchanged`;
    default:
      return `${name} could not be judged, so the call is denied; try again later`;
  }
}

/** Pure. What the agent is told when a limit has no room: `save_session`: at most 30 per minute; try again in 12 s. */
export function limitSentence(tool: string, charge: Charge, retryAfterMs: number | undefined): string {
  return `${quoteTool(tool)}: ${quotaWords(charge)}; ${whatNext(charge, retryAfterMs)}`;
}

/** Pure. A limit in words: `at most 30 per minute`, `at most 2 in flight`. */
export function quotaWords({ max, window }: Pick<Charge, "max" | "window">): string {
  const words = windowWords(window);
  return `at most ${formatDecimal(max)} ${window.kind === "concurrent" ? words : `per ${words}`}`;
}

function whatNext(charge: Charge, retryAfterMs: number | undefined): string {
  if (charge.amount > charge.max) return "this call alone asks for more than that, so ask for less";
  if (charge.window.kind === "concurrent") return "try again when one of them has ended";
  return retryAfterMs === undefined ? "try again later" : `try again in ${waitWords(retryAfterMs)}`;
}

/** Pure. A wait in words, rounded up: `12 s`, `4 min`, `3 h`. */
export function waitWords(waitMs: number): string {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
