import type { ControlPlane } from "../../src/control/control-plane.ts";
import { beginSession } from "../../src/identity/sessions.ts";
import type { Role } from "../../src/values/roles.ts";

/** A member who is signed in, as their browser has it. */
export interface SignedIn {
  readonly memberId: string;
  readonly email: string;
  /** The session's id, as the cookie holds it. */
  readonly sessionId: string;
  readonly csrfToken: string;
  /** `callgate=...` */
  readonly cookie: string;
}

/** A new member with a session, straight into the store beside a gateway on plain http. */
export async function signIn({ database }: ControlPlane, name: string, role: Role): Promise<SignedIn> {
  const email = `${name}@example.com`;
  const member = { id: `m_${name}`, email, name, role, password_hash: null, oidc_subject: null, last_seen_ms: null };
  const session = await database.note(async (tx, nowMs) => {
    await tx
      .insertInto("members")
      .values({ ...member, created_ms: nowMs, revision: 1 })
      .execute();
    return beginSession(tx, nowMs, member.id, { address: undefined, userAgent: undefined });
  });
  const { id: sessionId, csrfToken } = session;
  return { memberId: member.id, email, sessionId, csrfToken, cookie: `callgate=${sessionId}` };
}

/** What the HTTP API answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  /** Undefined without a body. */
  readonly body: unknown;
}

/** Asks the HTTP API as a page in that member's browser does. */
export async function askApi(
  origin: string,
  { cookie, csrfToken }: SignedIn,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer> {
  const response = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers: {
      cookie,
      origin,
      "sec-fetch-site": "same-origin",
      "x-csrf-token": csrfToken,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === "" ? undefined : JSON.parse(text) };
}
