import pc from "picocolors";
import type { CallRow, EventRow, OutcomeRow, Row } from "../../audit/row.ts";
import { writeOut } from "../../values/unseen-characters.ts";

/** One audit row as a line for people; undefined for a row that only repeats what went well. */
export function formatRow(row: Row): string | undefined {
  switch (row.kind) {
    case "call":
      return formatCall(row);
    case "outcome":
      return formatOutcome(row);
    case "event":
      return formatEvent(row);
  }
}

function formatCall(row: CallRow): string {
  const colour = row.outcome === "allow" ? pc.green : row.outcome === "deny" ? pc.red : pc.yellow;
  const limits = row.limits.map(({ counter, after, max }) => ` ${counter} ${after}/${max}`).join("");
  const why = row.outcome === "allow" ? pc.dim(limits) : ` ${row.code} ${pc.dim(row.rule)} ${shown(row.message)}`;
  return `${pc.dim(row.time)} ${colour(row.outcome.padEnd(5))} ${row.server}/${pc.bold(shown(row.tool))} ${shown(row.grant.label)}${why}`;
}

function formatOutcome(row: OutcomeRow): string | undefined {
  if (row.status === "completed") return undefined;
  const refund = row.isRefunded ? " (charge returned)" : "";
  return `${pc.dim(row.time)} ${pc.yellow("ended")} ${row.status}${refund} ${pc.dim(row.requestId)}`;
}

function formatEvent(row: EventRow): string {
  const about = [row.server, row.grant].filter((part) => part !== null).join(" ");
  const counts = Object.entries(row.counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
  const message = [row.message, counts].filter((part) => part !== "").join("; ");
  return `${pc.dim(row.time)} ${pc.cyan("event")} ${row.event} ${about} ${pc.dim(row.reason)} ${shown(message)}`.trimEnd();
}

/** Pure. {@link shown} in at most so many columns: a name, so that tables stay tables. What is cut ends with `…`. */
export function shownShort(text: string, columnsMax = 64): string {
  const whole = shown(text.slice(0, columnsMax + 1));
  return whole.length > columnsMax ? `${whole.slice(0, columnsMax - 1)}…` : whole;
}

/** Pure. Text that others chose (tool names, messages) with everything that cannot be seen made visible. */
export function shown(text: string): string {
  return writeOut(text);
}
