import { z } from "zod";
import { idText, type Page, pageMembers, pageOf, type PageQuery } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** Which limits are asked for: of a grant, a server, a policy, or where they meet. */
export interface CounterQuery extends PageQuery {
  readonly grant?: string;
  readonly server?: string;
  readonly policy?: string;
}

/** One counter of a limit. Amounts are decimal texts. */
export interface CounterView {
  /** For resetting it; null for whose role does not reset. */
  readonly id: string | null;
  /** The value that a limit with `by` counts apart; null without one, and for whose role does not reset. */
  readonly by: string | null;
  readonly used: string;
  /** Calls in flight that hold a place on it. */
  readonly inFlight: number;
}

/** A limit where it counts. */
export interface LimitView {
  readonly server: string;
  readonly policy: string;
  /** Pointer to the limit in the policy. */
  readonly rule: string;
  /** The limit's name. */
  readonly counter: string;
  /** Whose calls count together: of a grant, an owner, the server, or all; with which one. */
  readonly scope: { readonly kind: string; readonly value: string };
  /** `minute`, `15m`, `day`, `in flight`, ... */
  readonly window: string;
  readonly max: string;
  readonly hasBy: boolean;
  /** One; of a limit with `by` one for each value that counts something, at most 100. */
  readonly counters: readonly CounterView[];
}

const limit: z.ZodType<LimitView> = z
  .strictObject({
    server: z.string(),
    policy: z.string(),
    rule: z.string(),
    counter: z.string(),
    scope: z.strictObject({ kind: z.string(), value: z.string() }),
    window: z.string(),
    max: z.string(),
    hasBy: z.boolean(),
    counters: z.array(
      z.strictObject({
        id: z.string().nullable(),
        by: z.string().nullable(),
        used: z.string(),
        inFlight: z.int(),
      }),
    ),
  })
  .meta({ id: "Limit" });

const counterQuery: z.ZodType<CounterQuery> = z.strictObject({
  ...pageMembers,
  grant: z.exactOptional(idText),
  server: z.exactOptional(idText),
  policy: z.exactOptional(idText),
});

/** What is used of limits. */
export const listCounters: Operation<{ query: CounterQuery; answer: Page<LimitView> }> = {
  id: "listCounters",
  method: "GET",
  path: "/counters",
  tag: "counters",
  summary: "List limits with what is used of them now; those that count in sessions are left out",
  access: "counters.read",
  params: nothing,
  query: counterQuery,
  body: noContent,
  answer: pageOf("LimitPage", limit),
  status: 200,
  codes: [],
};

/** Which counter is set to nothing. */
export interface CounterToReset {
  /** As the list has it. */
  readonly id: string;
}

/** What was used, and is. */
export interface ResetView {
  readonly before: string;
  readonly after: string;
}

/** A counter, at nothing again. */
export const resetCounter: Operation<{ body: CounterToReset; answer: ResetView }> = {
  id: "resetCounter",
  method: "POST",
  path: "/counters/reset",
  tag: "counters",
  summary: "Set a counter to nothing; calls in flight keep their places",
  access: "counters.reset",
  params: nothing,
  query: nothing,
  body: z.strictObject({ id: z.string().min(1).max(8_000) }).meta({ id: "CounterToReset" }),
  answer: z.strictObject({ before: z.string(), after: z.string() }).meta({ id: "ResetCounter" }),
  status: 200,
  codes: ["NOT_FOUND"],
};

/** The operations of this file. */
export const counterOperations: readonly AnyOperation[] = [listCounters, resetCounter];
