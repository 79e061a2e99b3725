import { z } from "zod";
import { jsonObject, type Page, pageMembers, pageOf, type PageQuery, time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** Which changes are asked for; members left out ask for all. */
export interface AdminEventQuery extends PageQuery {
  /** A member's id. */
  readonly actor?: string;
  /** Such as `grant.revoke`. */
  readonly action?: string;
  /** Such as `grant`. */
  readonly objectKind?: string;
  readonly objectId?: string;
  /** From this time on. */
  readonly since?: string;
  /** Before that time. */
  readonly until?: string;
}

/** Who changed what. */
export interface AdminEventView {
  readonly id: string;
  readonly time: string;
  readonly actor: {
    readonly kind: string;
    readonly id: string | null;
    readonly name: string;
    readonly address: string | null;
  };
  readonly action: string;
  readonly object: { readonly kind: string; readonly id: string };
  /** Without secrets; null when there was nothing. */
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

const adminEvent: z.ZodType<AdminEventView> = z
  .strictObject({
    id: z.string(),
    time,
    actor: z.strictObject({
      kind: z.string(),
      id: z.string().nullable(),
      name: z.string(),
      address: z.string().nullable(),
    }),
    action: z.string(),
    object: z.strictObject({ kind: z.string(), id: z.string() }),
    before: jsonObject.nullable(),
    after: jsonObject.nullable(),
  })
  .meta({ id: "AdminEvent" });

const word = z.exactOptional(z.string().min(1).max(1_000));

const adminEventQuery: z.ZodType<AdminEventQuery> = z.strictObject({
  ...pageMembers,
  actor: word,
  action: word,
  objectKind: word,
  objectId: word,
  since: z.exactOptional(time),
  until: z.exactOptional(time),
});

/** Changes of everything that is administered. */
export const listAdminEvents: Operation<{ query: AdminEventQuery; answer: Page<AdminEventView> }> = {
  id: "listAdminEvents",
  method: "GET",
  path: "/admin-events",
  tag: "admin events",
  summary: "List who changed what, the latest first",
  access: "events.read",
  params: nothing,
  query: adminEventQuery,
  body: noContent,
  answer: pageOf("AdminEventPage", adminEvent),
  status: 200,
  codes: [],
};

/** The operations of this file. */
export const adminEventOperations: readonly AnyOperation[] = [listAdminEvents];
