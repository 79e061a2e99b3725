import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Actor } from "../audit/admin-event.ts";
import type { ControlDatabase } from "../store/control-database.ts";
import { may, type Permission } from "../values/roles.ts";
import type { Vault } from "../vault/vault.ts";
import type { OperatorRules } from "../config/operator-rules.ts";
import type { ControlState } from "./state.ts";

/** What every administrative operation works with. */
export interface ControlContext {
  readonly database: ControlDatabase;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly rules: () => OperatorRules;
  /** What is in force now; after a change has resolved, with that change. */
  readonly state: () => ControlState;
}

/** Throws `FORBIDDEN` when this actor's role does not reach. */
export function demand(actor: Actor, permission: Permission): void {
  if (may(actor.role, permission)) return;
  throw new AppError("FORBIDDEN", `your role \`${actor.role}\` may not do this`, { data: { permission } });
}

/** Which revision an edit was made from: the number of an `ETag`, or whatever is there. */
export type ExpectedRevision = number | "any";

/** Throws `REVISION_STALE` when something was changed since it was read. */
export function demandRevision(current: number, expected: ExpectedRevision): void {
  if (expected === "any" || expected === current) return;
  throw new AppError("REVISION_STALE", "it was changed by somebody else since you read it: read it again");
}

/** `NOT_FOUND` for a thing of this kind. */
export function notFound(kind: string, id: string): AppError {
  return new AppError("NOT_FOUND", `there is no ${kind} \`${id.slice(0, 80)}\``);
}

/** `READ_ONLY` for a thing that the operator's files say. */
export function readOnly(kind: string, id: string): AppError {
  return new AppError("READ_ONLY", `the ${kind} \`${id}\` comes from the operator's files: change it there`);
}

/** A mistake in what was sent: where (RFC 6901 pointer), what, and what to do. */
export interface InputProblem {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** `INPUT_INVALID` with all that is wrong. */
export function invalid(problems: readonly InputProblem[]): AppError {
  return new AppError("INPUT_INVALID", problems[0]?.message ?? "what was sent cannot be used", { data: { problems } });
}
