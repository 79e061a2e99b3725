import type { Change } from "../../catalogue/changes.ts";
import { shown } from "./rows.ts";

/** One change for people: `high tool added wipe_notes to Destructive`. */
export function formatChange({ kind, severity, tool, entry, from, to }: Change): string {
  const names = [
    tool,
    entry,
    from === undefined ? undefined : `from ${from}`,
    to === undefined ? undefined : `to ${to}`,
  ];
  const what = kind.replaceAll("_", " ");
  return `${severity} ${[what, ...names].flatMap((name) => (name === undefined ? [] : [shown(name)])).join(" ")}`;
}

const changesShown = 50;

/** What changed since an earlier look, the first fifty. */
export function formatSince({
  seenAt,
  changes,
}: {
  readonly seenAt: string;
  readonly changes: readonly Change[];
}): readonly string[] {
  const day = seenAt.slice(0, 10);
  if (changes.length === 0) return [`unchanged since last seen on ${day}`];
  const more = changes.length - changesShown;
  return [
    `since last seen on ${day}:`,
    ...changes.slice(0, changesShown).map((change) => `  ${formatChange(change)}`),
    ...(more > 0 ? [`  and ${more} more: \`callgate catalogue changes\` lists them`] : []),
  ];
}
