import type { JsonValue } from "../../values/json.ts";

/** What reading gives when a step stands on the wrong kind, or the fact is not known (`tool.category` without a review). */
export const unreadable: unique symbol = Symbol("unreadable");

/** What visiting gives for an empty list under `[*]` or a tree under `.**` with nothing to test. */
export const nothing: unique symbol = Symbol("nothing");

/** One value read: a JSON value (null too), undefined when absent, or {@link unreadable}. */
export type Reading = JsonValue | undefined | typeof unreadable;
