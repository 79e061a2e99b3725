import type { Subject } from "./condition.ts";
import type { PathRoot } from "./parse-path.ts";
import { unreadable } from "./reading.ts";
import type { Reading } from "./reading.ts";
import { readTimeFact } from "./time-facts.ts";
import type { TimeFact } from "./time-facts.ts";

/** Reads the fact each root stands for. Pure. Without a review, `tool.category` and `tool.signals` are not known. */
export const rootReaders: Readonly<Record<PathRoot, (subject: Subject) => Reading>> = {
  args: ({ call }) => call.args,
  "tool.name": ({ call }) => call.tool.name,
  "tool.category": ({ call }) => call.tool.review?.category ?? unreadable,
  "tool.signals": ({ call }) => call.tool.review?.signals ?? unreadable,
  "server.name": ({ call }) => call.server.name,
  "grant.id": ({ call }) => call.grant.id,
  "grant.label": ({ call }) => call.grant.label,
  "grant.owner": ({ call }) => call.grant.owner,
  "grant.tags": ({ call }) => call.grant.tags,
  "client.ip": ({ call }) => call.client.ip,
  "client.name": ({ call }) => call.client.name,
  "client.version": ({ call }) => call.client.version,
  "time.now": timeReader("now"),
  "time.hour": timeReader("hour"),
  "time.weekday": timeReader("weekday"),
  "time.date": timeReader("date"),
};

function timeReader(fact: TimeFact): (subject: Subject) => Reading {
  return (subject) => readTimeFact(subject, fact) ?? unreadable;
}
