import type { Category, Signal } from "../policy/index.ts";
import type { Attack } from "./attack.ts";

/** What a catalogue knows of a tool. */
export interface ToolKind {
  readonly category: Category;
  readonly signals: readonly Signal[];
}

/**
 * Pure. The attacks that abuse a tool of this kind: of its category, and with a signal in common. The category alone
 * links nothing. Those with most signals in common come first, then by slug.
 */
export function findAttacks(attacks: readonly Attack[], { category, signals }: ToolKind): readonly Attack[] {
  const shared = (attack: Attack): number => attack.abuses.signals.filter((signal) => signals.includes(signal)).length;
  return attacks
    .filter((attack) => attack.abuses.categories.includes(category) && shared(attack) > 0)
    .toSorted((a, b) => shared(b) - shared(a) || (a.slug < b.slug ? -1 : 1));
}
