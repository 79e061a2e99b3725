import type { Call } from "../../src/policy/call.ts";
import type { JsonObject, JsonValue } from "../../src/values/json.ts";
import type { PolicyDocument } from "./document.ts";
import { follow, parsePath } from "./paths.ts";
import type { Reach } from "./paths.ts";

/** Everything that the conditions of one call can see. */
export interface World {
  readonly call: Call;
  readonly document: PolicyDocument;
  readonly nowMs: number;
}

/** Pure. What a path leads to in the world (policy.md §2, Roots). */
export function reachIn(world: World, path: string): Reach {
  const steps = parsePath(path);
  const second = steps[1];
  const isReview = path.startsWith("tool.") && second?.kind === "name" && second.name !== "name";
  if (isReview && world.call.tool.review === undefined)
    return { kind: "one", place: { kind: "unreadable" }, isInTree: false };
  return follow(roots(world, path), steps, false);
}

/** The roots of all paths, the time only for a path that reads it. */
function roots(world: World, path: string): JsonObject {
  const { call } = world;
  return {
    args: call.args,
    tool: {
      name: call.tool.name,
      ...(call.tool.review && { category: call.tool.review.category, signals: call.tool.review.signals }),
    },
    server: { name: call.server.name },
    grant: withoutUndefined({ ...call.grant }),
    client: withoutUndefined({ ...call.client }),
    time: path.startsWith("time.") ? timeFacts(world.nowMs, world.document.time_zone ?? "UTC") : {},
  };
}

function withoutUndefined(object: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const kept: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) if (value !== undefined) kept[key] = value;
  return kept;
}

/** Pure. `time.now`, `time.hour`, `time.weekday`, `time.date` in a time zone. */
function timeFacts(nowMs: number, timeZone: string): JsonObject {
  return {
    now: new Date(nowMs).toISOString(),
    hour: Number(localPart(nowMs, timeZone, "hour")),
    weekday: localPart(nowMs, timeZone, "weekday").toLowerCase(),
    date: localDate(nowMs, timeZone),
  };
}

/** Pure. The local date, `2026-03-29`. */
export function localDate(nowMs: number, timeZone: string): string {
  return ["year", "month", "day"].map((part) => localPart(nowMs, timeZone, part)).join("-");
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localPart(nowMs: number, timeZone: string, part: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      weekday: "short",
    });
    formats.set(timeZone, format);
  }
  const found = format.formatToParts(nowMs).find((candidate) => candidate.type === part);
  if (found === undefined) throw new Error(`no ${part} in a date`);
  return found.value;
}
