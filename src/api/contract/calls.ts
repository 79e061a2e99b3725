import { z } from "zod";
import { idText, type Page, pageMembers, pageOf, type PageQuery, time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** Which calls are asked for; members left out ask for all. */
export interface CallQuery extends PageQuery {
  readonly grant?: string;
  readonly owner?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly outcome?: "allow" | "deny" | "hold";
  readonly code?: string;
  readonly rule?: string;
  /** From this time on. */
  readonly since?: string;
  /** Before that time. */
  readonly until?: string;
}

/** How a call that was let through ended. Times in microseconds. */
export interface CallEnd {
  readonly time: string;
  readonly status: string;
  readonly resultBytes: number;
  readonly upstreamMicros: number;
  readonly isRefunded: boolean;
}

/** A judged call. No value of an argument or of a result is kept. */
export interface CallView {
  readonly kind: "call";
  readonly sequence: number;
  readonly time: string;
  readonly requestId: string;
  readonly grant: { readonly id: string; readonly label: string; readonly owner: string | null };
  readonly client: { readonly name: string | null; readonly version: string | null; readonly ip: string | null };
  readonly server: string;
  readonly method: string;
  readonly transport: string;
  readonly era: string;
  /** The tool, or the resource's URI or the prompt's name. */
  readonly tool: string;
  readonly category: string | null;
  readonly policy: { readonly id: string; readonly version: number; readonly sha256: string } | null;
  readonly outcome: "allow" | "deny" | "hold";
  readonly code: string;
  readonly rule: string;
  readonly message: string;
  /** Pointer to the condition that decided. */
  readonly condition: string | null;
  readonly observed: readonly { readonly rule: string; readonly code: string }[];
  readonly limits: readonly LimitTouched[];
  readonly argumentKeys: readonly string[];
  readonly argumentDigest: string;
  readonly requestBytes: number;
  readonly decideMicros: number;
  /** Null for a call that was not let through, or is still running. */
  readonly end: CallEnd | null;
}

/** A limit that a call touched. Decimal texts. */
export interface LimitTouched {
  readonly rule: string;
  readonly counter: string;
  readonly before: string;
  readonly after: string;
  readonly max: string;
}

const end: z.ZodType<CallEnd> = z
  .strictObject({
    time,
    status: z.string(),
    resultBytes: z.number(),
    upstreamMicros: z.number(),
    isRefunded: z.boolean(),
  })
  .meta({ id: "CallEnd" });

const text = z.string();

const call: z.ZodType<CallView> = z
  .strictObject({
    kind: z.literal("call"),
    sequence: z.int(),
    time,
    requestId: text,
    grant: z.strictObject({ id: text, label: text, owner: text.nullable() }),
    client: z.strictObject({ name: text.nullable(), version: text.nullable(), ip: text.nullable() }),
    server: text,
    method: text,
    transport: text,
    era: text,
    tool: text,
    category: text.nullable(),
    policy: z.strictObject({ id: text, version: z.int(), sha256: text }).nullable(),
    outcome: z.enum(["allow", "deny", "hold"]),
    code: text,
    rule: text,
    message: text,
    condition: text.nullable(),
    observed: z.array(z.strictObject({ rule: text, code: text })),
    limits: z.array(z.strictObject({ rule: text, counter: text, before: text, after: text, max: text })),
    argumentKeys: z.array(text),
    argumentDigest: text,
    requestBytes: z.number(),
    decideMicros: z.number(),
    end: end.nullable(),
  })
  .meta({ id: "Call" });

const word = z.exactOptional(z.string().min(1).max(1_100));

const callQuery: z.ZodType<CallQuery> = z.strictObject({
  ...pageMembers,
  grant: word,
  owner: word,
  server: word,
  tool: word,
  outcome: z.exactOptional(z.enum(["allow", "deny", "hold"])),
  code: word,
  rule: word,
  since: z.exactOptional(time),
  until: z.exactOptional(time),
});

/** Judged calls. */
export const listCalls: Operation<{ query: CallQuery; answer: Page<CallView> }> = {
  id: "listCalls",
  method: "GET",
  path: "/calls",
  tag: "calls",
  summary: "List judged calls, the latest first; a part may hold fewer than asked for while there is a next one",
  access: "calls.read",
  params: nothing,
  query: callQuery,
  body: noContent,
  answer: pageOf("CallPage", call),
  status: 200,
  codes: [],
};

/** Names a call. */
export interface CallParams {
  readonly requestId: string;
}

/** One judged call. */
export const getCall: Operation<{ params: CallParams; answer: CallView }> = {
  id: "getCall",
  method: "GET",
  path: "/calls/{requestId}",
  tag: "calls",
  summary: "Read a judged call by its request id",
  access: "calls.read",
  params: z.strictObject({ requestId: idText }),
  query: nothing,
  body: noContent,
  answer: call,
  status: 200,
  codes: ["NOT_FOUND"],
};

/** Which events are asked for. */
export interface EventQuery extends PageQuery {
  readonly grant?: string;
  readonly server?: string;
  readonly since?: string;
  readonly until?: string;
}

/** What the gateway recorded beside calls: refused messages and tokens, starts and ends of servers, reloads. */
export interface EventView {
  readonly kind: "event";
  readonly sequence: number;
  readonly time: string;
  readonly requestId: string;
  readonly event: string;
  readonly transport: string;
  readonly server: string | null;
  readonly grant: string | null;
  readonly reason: string;
  readonly message: string;
  readonly counts: Readonly<Record<string, number>>;
}

const event: z.ZodType<EventView> = z
  .strictObject({
    kind: z.literal("event"),
    sequence: z.int(),
    time,
    requestId: text,
    event: text,
    transport: text,
    server: text.nullable(),
    grant: text.nullable(),
    reason: text,
    message: text,
    counts: z.record(z.string(), z.number()),
  })
  .meta({ id: "Event" });

const eventQuery: z.ZodType<EventQuery> = z.strictObject({
  ...pageMembers,
  grant: word,
  server: word,
  since: z.exactOptional(time),
  until: z.exactOptional(time),
});

/** What happened beside calls. */
export const listEvents: Operation<{ query: EventQuery; answer: Page<EventView> }> = {
  id: "listEvents",
  method: "GET",
  path: "/events",
  tag: "calls",
  summary: "List what was recorded beside calls, the latest first; a part may hold fewer than asked for",
  access: "calls.read",
  params: nothing,
  query: eventQuery,
  body: noContent,
  answer: pageOf("EventPage", event),
  status: 200,
  codes: [],
};

/** The operations of this file. */
export const callOperations: readonly AnyOperation[] = [listCalls, getCall, listEvents];
