import type { Category, Signal } from "../policy/index.ts";
import type { Attack } from "./attack.ts";

/** What a catalogue knows of a tool. */
export interface ToolKind {
  readonly category: Category;
  readonly signals: readonly Signal[];
}

/**
 * Pure. The attacks that abuse a tool of this kind: of its category, and with a signal in common. The category alone
 * links nothing, but that a tool moves money is a signal in itself: every attack on money that abuses such tools shares
 * it. Those with most signals in common come first, of them those that need the fewest others, then by slug.
 */
export function findAttacks(attacks: readonly Attack[], { category, signals }: ToolKind): readonly Attack[] {
  const shared = (attack: Attack): number =>
    attack.abuses.signals.filter((signal) => signals.includes(signal)).length +
    (category === "Financial" && attack.category === "money" ? 1 : 0);
  const byFit = (a: Attack, b: Attack): number =>
    shared(b) - shared(a) || a.abuses.signals.length - b.abuses.signals.length || (a.slug < b.slug ? -1 : 1);
  return attacks.filter((attack) => attack.abuses.categories.includes(category) && shared(attack) > 0).toSorted(byFit);
}

/** Pure. What names, for a classified tool, the slugs of {@link findAttacks}: the `attacks` of a catalogue's record. */
export function attackLinks(
  attacks: readonly Attack[],
): (tool: { readonly classification: ToolKind }) => readonly string[] {
  return ({ classification }) => findAttacks(attacks, classification).map(({ slug }) => slug);
}
