import { timingSafeEqual } from "node:crypto";
import type { Actor } from "../audit/admin-event.ts";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { ControlDatabase } from "../store/control-database.ts";
import type { ApiTokenRow, MemberRow } from "../store/control-tables.ts";
import { bearerToken } from "../values/bearer-token.ts";
import { includesRole, type Role } from "../values/roles.ts";
import { findSession, type Session } from "./sessions.ts";
import { sha256Hex } from "./token.ts";

/** What an {@link Authenticator} works with. */
export interface AuthenticatorParts {
  readonly database: ControlDatabase;
  readonly clock: Clock;
  /** Whether a token is one of a grant: those open MCP servers and nothing else. */
  readonly isGrantToken: (tokenSha256: string) => boolean;
}

/** What a request shows of who sends it. */
export interface RequestCredentials {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  /** What the session's cookie holds. */
  readonly sessionId: string | undefined;
  /** The network address that the request came from. */
  readonly address: string | undefined;
}

/** Who sends a request. */
export type Identity =
  | { readonly kind: "stranger" }
  | { readonly kind: "session"; readonly actor: Actor; readonly session: Session }
  | { readonly kind: "api_token"; readonly actor: Actor; readonly tokenId: string };

/** Tells who sends a request. Roles are read anew for each, so that a change of them holds from the next one on. */
export interface Authenticator {
  /**
   * Throws `UNAUTHENTICATED` for an API token that is not good, and `FORBIDDEN` for a grant's token. An unknown or ended
   * session is a stranger's.
   */
  identify(credentials: RequestCredentials): Promise<Identity>;
}

/** How exactly it is kept when something was used last, milliseconds. */
const seenGrainMs = 60_000;

/** An authenticator on the control tables. Nothing to close. */
export function createAuthenticator({ database, clock, isGrantToken }: AuthenticatorParts): Authenticator {
  const byToken = async (token: string, address: string | undefined): Promise<Identity> => {
    if (token.startsWith("cg_") || isGrantToken(sha256Hex(token))) {
      throw new AppError("FORBIDDEN", "the token of a grant opens MCP servers only: send an API token (`cga_...`)");
    }
    if (!token.startsWith("cga_")) return { kind: "stranger" };
    const nowMs = clock.wallMs();
    const found = await findApiToken(database, token);
    if (found === undefined || (found.token.expires_ms ?? Infinity) <= nowMs) {
      throw new AppError("UNAUTHENTICATED", "the API token is unknown, ended or expired: make a new one");
    }
    const { token: row, member } = found;
    await noteUse(database, row, member, nowMs);
    const role = lesser(row.role, member.role);
    const actor: Actor = { kind: "api_token", memberId: member.id, name: row.label, role, address };
    return { kind: "api_token", actor, tokenId: row.id };
  };

  const bySession = async (id: string, address: string | undefined): Promise<Identity> => {
    const nowMs = clock.wallMs();
    const found = await findSession(database.read, id, nowMs);
    if (found === undefined) return { kind: "stranger" };
    const { session, member } = found;
    if (nowMs - session.seenMs >= seenGrainMs) {
      await database.note(async (tx) => {
        await tx.updateTable("sessions").set({ seen_ms: nowMs }).where("id_sha256", "=", session.idSha256).execute();
        await tx.updateTable("members").set({ last_seen_ms: nowMs }).where("id", "=", member.id).execute();
      });
    }
    const actor: Actor = { kind: "member", memberId: member.id, name: member.email, role: member.role, address };
    return { kind: "session", actor, session };
  };

  return {
    identify: async ({ authorization, sessionId, address }) => {
      const token = bearerToken(authorization);
      if (token !== undefined) return byToken(token, address);
      return sessionId === undefined ? { kind: "stranger" } : bySession(sessionId, address);
    },
  };
}

/** Whether a text is this session's CSRF token; compared in constant time. */
export function isCsrfToken({ csrfToken }: Session, given: string | undefined): boolean {
  const [expected, actual] = [Buffer.from(csrfToken), Buffer.from(given ?? "")];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** The lesser of two roles: a token may never do more than its member. Pure. */
function lesser(one: Role, other: Role): Role {
  return includesRole(one, other) ? other : one;
}

async function findApiToken(
  { read }: ControlDatabase,
  text: string,
): Promise<{ readonly token: ApiTokenRow; readonly member: MemberRow } | undefined> {
  const token = await read
    .selectFrom("api_tokens")
    .selectAll()
    .where("token_sha256", "=", sha256Hex(text))
    .executeTakeFirst();
  if (token === undefined) return undefined;
  const member = await read.selectFrom("members").selectAll().where("id", "=", token.member_id).executeTakeFirst();
  return member === undefined ? undefined : { token, member };
}

async function noteUse(database: ControlDatabase, token: ApiTokenRow, member: MemberRow, nowMs: number): Promise<void> {
  if (nowMs - (token.last_used_ms ?? -Infinity) < seenGrainMs) return;
  await database.note(async (tx) => {
    await tx.updateTable("api_tokens").set({ last_used_ms: nowMs }).where("id", "=", token.id).execute();
    await tx.updateTable("members").set({ last_seen_ms: nowMs }).where("id", "=", member.id).execute();
  });
}
