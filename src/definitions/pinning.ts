import type { ToolReview } from "../policy/index.ts";
import type { JsonObject } from "../values/json.ts";
import type { DefinitionDigest } from "./definition-digest.ts";

/** What is done about a tool whose definition nobody has reviewed. */
export const pinModes = ["off", "warn", "block"] as const;

/** `off`: nothing. `warn`: it is recorded. `block`: it is not shown and calls of it are denied. */
export type PinMode = (typeof pinModes)[number];

/** What a review says of one definition. */
export interface ReviewedDefinition extends ToolReview {
  /** Milliseconds since 1970; undefined in a lock file. */
  readonly reviewedMs: number | undefined;
}

/** The reviewed definitions of a server, by tool name and digest. */
export type Reviews = ReadonlyMap<string, ReadonlyMap<string, ReviewedDefinition>>;

/** How a server's definitions are held against what was reviewed. */
export interface Pinning {
  readonly mode: PinMode;
  readonly digest: DefinitionDigest;
  /** Undefined as long as nothing of the server was ever reviewed; empty when every review was withdrawn. */
  readonly reviews: Reviews | undefined;
  /**
   * Tools that were listed with a definition that nobody reviewed. They stay blocked until somebody decides, whatever is
   * listed next: a server that flips back and forth could run the one while it lists the other.
   */
  readonly quarantined: Set<string>;
}

/** How a definition stands to what was reviewed. */
export interface PinVerdict {
  /** `unpinned`: nothing of this server was ever reviewed. */
  readonly state: "unpinned" | "reviewed" | "changed" | "new";
  /** Of this very definition; where changes are not blocked, of the one that was reviewed last under that name. */
  readonly review: ToolReview | undefined;
  readonly isBlocked: boolean;
}

const unpinned: PinVerdict = { state: "unpinned", review: undefined, isBlocked: false };

/** Pure. When a definition of that name was last reviewed, milliseconds since 1970; undefined when none was. */
export function lastReviewedMs({ reviews }: Pick<Pinning, "reviews">, name: string): number | undefined {
  const times = [...(reviews?.get(name)?.values() ?? [])].flatMap(({ reviewedMs }) => reviewedMs ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Notes that a server listed this definition. */
export function noteDefinition(pinning: Pinning | undefined, name: string, definition: JsonObject): PinVerdict {
  const verdict = judgeDefinition(pinning, name, definition);
  if (verdict.isBlocked && verdict.state === "changed") pinning?.quarantined.add(name);
  return verdict;
}

/** Pure. How a tool's definition stands to what was reviewed of its server. */
export function judgeDefinition(pinning: Pinning | undefined, name: string, definition: JsonObject): PinVerdict {
  // Before the first review there is nothing that a definition could have changed from.
  if (pinning?.reviews === undefined) return unpinned;
  const { mode, digest, reviews } = pinning;
  const known = reviews.get(name);
  const isBlocked = mode === "block";
  const review = known?.get(digest(definition));
  const isQuarantined = isBlocked && pinning.quarantined.has(name);
  if (review !== undefined && !isQuarantined) return { state: "reviewed", review, isBlocked: false };
  const state = known === undefined ? "new" : "changed";
  return { state, review: isBlocked ? undefined : [...(known?.values() ?? [])].at(-1), isBlocked };
}
