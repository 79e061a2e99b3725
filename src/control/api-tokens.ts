import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import { newShortId, newToken } from "../identity/token.ts";
import type { ApiTokenRow } from "../store/control-tables.ts";
import { includesRole, type Role } from "../values/roles.ts";
import { type ControlContext, type InputProblem, invalid, notFound } from "./control-context.ts";
import { nameProblems } from "./person.ts";

const dayMs = 86_400_000;
const lifetimeMsDefault = 30 * dayMs;
const lifetimeMsMax = 365 * dayMs;

/** A member's token for the HTTP API. Times in milliseconds since 1970. */
export interface ApiTokenEntry {
  readonly id: string;
  readonly label: string;
  /** What it may do; never more than its member at that moment. */
  readonly role: Role;
  readonly createdMs: number;
  readonly expiresMs: number | undefined;
  readonly lastUsedMs: number | undefined;
}

/** What an API token is made with. */
export interface ApiTokenInput {
  readonly label: string;
  /** Undefined for the member's own. */
  readonly role: Role | undefined;
  /** Milliseconds since 1970; undefined for 30 days from now. */
  readonly expiresMs: number | undefined;
}

/**
 * Makes an API token of the member who asks; it is shown now and never again. Throws `INPUT_INVALID`, and `FORBIDDEN`
 * for who asks by an API token: one that was stolen must not bring forth others.
 */
export async function createApiToken(
  { database }: ControlContext,
  actor: Actor,
  input: ApiTokenInput,
): Promise<ApiTokenEntry & { readonly token: string }> {
  const memberId = demandSession(actor);
  const id = newShortId();
  const { token, sha256 } = newToken("cga", id);
  return database.change(actor, async ({ tx, nowMs, record }) => {
    const expiresMs = input.expiresMs ?? nowMs + lifetimeMsDefault;
    const role = input.role ?? actor.role;
    const problems = [
      ...nameProblems(input.label, "/label"),
      ...roleProblems(actor, role),
      ...expiryProblems(expiresMs, nowMs),
    ];
    if (problems.length > 0) throw invalid(problems);
    const row: ApiTokenRow = {
      id,
      token_sha256: sha256,
      member_id: memberId,
      label: input.label.trim(),
      role,
      created_ms: nowMs,
      expires_ms: expiresMs,
      last_used_ms: null,
    };
    await tx.insertInto("api_tokens").values(row).execute();
    record({
      action: "api_token.create",
      objectId: id,
      after: { label: row.label, role, expiresAt: new Date(expiresMs).toISOString() },
    });
    return { ...apiTokenEntry(row), token };
  });
}

/** The API tokens of the member who asks, oldest first, also those that ran out. */
export async function listApiTokens({ database }: ControlContext, actor: Actor): Promise<readonly ApiTokenEntry[]> {
  const rows = await database.read
    .selectFrom("api_tokens")
    .selectAll()
    .where("member_id", "=", demandMember(actor))
    .orderBy("created_ms")
    .orderBy("id")
    .execute();
  return rows.map(apiTokenEntry);
}

/** Ends an API token of the member who asks. Throws `NOT_FOUND`, also for somebody else's. */
export async function endApiToken({ database }: ControlContext, actor: Actor, id: string): Promise<void> {
  const memberId = demandMember(actor);
  await database.change(actor, async ({ tx, record }) => {
    const row = await tx
      .selectFrom("api_tokens")
      .selectAll()
      .where("id", "=", id)
      .where("member_id", "=", memberId)
      .executeTakeFirst();
    if (row === undefined) throw notFound("API token", id);
    await tx.deleteFrom("api_tokens").where("id", "=", id).execute();
    record({ action: "api_token.revoke", objectId: id, before: { label: row.label, role: row.role } });
  });
}

/** The member who asks. Throws `FORBIDDEN` for who is none. */
export function demandMember(actor: Actor): string {
  if (actor.memberId !== undefined) return actor.memberId;
  throw new AppError("FORBIDDEN", "only a member has sessions and API tokens");
}

/** The member who asks by a session. Throws `FORBIDDEN` for anybody else, API tokens included. */
export function demandSession(actor: Actor): string {
  if (actor.kind === "member") return demandMember(actor);
  throw new AppError("FORBIDDEN", "this takes a browser in which you are signed in: open `/account` there");
}

function roleProblems(actor: Actor, role: Role): readonly InputProblem[] {
  if (includesRole(actor.role, role)) return [];
  return [{ path: "/role", message: "a token may do no more than its member", hint: `at most \`${actor.role}\`` }];
}

function expiryProblems(expiresMs: number, nowMs: number): readonly InputProblem[] {
  const path = "/expiresAt";
  if (expiresMs <= nowMs) return [{ path, message: "the expiry is in the past", hint: "name a later time" }];
  if (expiresMs - nowMs <= lifetimeMsMax) return [];
  return [{ path, message: "an API token lives at most 365 days", hint: "name an earlier time" }];
}

function apiTokenEntry(row: ApiTokenRow): ApiTokenEntry {
  return {
    id: row.id,
    label: row.label,
    role: row.role,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms ?? undefined,
    lastUsedMs: row.last_used_ms ?? undefined,
  };
}
