import { operators } from "./document.ts";
import type { Truth } from "./truth.ts";

/** Codes that a policy alone can give, without earlier calls. */
export const codesOfOneCall = [
  "allowed",
  "hidden",
  "unknown_tool",
  "changed_tool",
  "default_deny",
  "unreviewed_tool",
  "denied",
  "arguments_invalid",
  "unknown_argument",
  "require_failed",
  "deny_if_matched",
  "cannot_judge",
  "increment_invalid",
  "approval_required",
] as const;

/** Codes that take earlier calls. */
export const codesOfSequences = [
  "allowed",
  "limit_reached",
  "flow_denied",
  "increment_invalid",
  "approval_required",
] as const;

const truths: readonly Truth[] = ["holds", "fails", "cannot judge"];

/** Counts what a run came across, so that a comparison that never met a rule cannot pass for agreement. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  /** One more of this kind. */
  count(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** The kinds of the list that never came. */
  missing(kinds: readonly string[]): readonly string[] {
    return kinds.filter((kind) => !this.#counts.has(kind));
  }

  /** All counts as lines of text, sorted by kind. */
  report(): string {
    return [...this.#counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, count]) => `${kind}: ${count}`)
      .join("\n");
  }
}

/** Every operator with each of the three results. */
export const operatorKinds: readonly string[] = operators.flatMap((op) => truths.map((truth) => `op ${op} ${truth}`));
