import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../src/control/control-plane.ts";
import { type Authenticator, createAuthenticator, isCsrfToken } from "../../src/identity/authenticator.ts";
import { beginSession, endSessions, listSessions } from "../../src/identity/sessions.ts";
import { newToken, sha256Hex } from "../../src/identity/token.ts";
import type { Role } from "../../src/values/roles.ts";
import { closeAll } from "../kit/opened.ts";
import type { FakeClock } from "../store/fake-clock.ts";
import { addMember, openPlane } from "./open-plane.ts";

const minuteMs = 60_000;
const fileToken = "a-token-of-an-operators-file";
const place = { address: "127.0.0.1", userAgent: "a browser" };

describe("who sends a request", () => {
  let plane: ControlPlane;
  let clock: FakeClock;
  let authenticator: Authenticator;
  beforeEach(async () => {
    ({ plane, clock } = await openPlane());
    const isGrantToken = (sha256: string): boolean => sha256 === sha256Hex(fileToken);
    authenticator = createAuthenticator({ database: plane.database, clock, isGrantToken });
    await addMember(plane, "ada", "admin");
  });
  afterEach(closeAll);

  const begin = (memberId = "ada"): ReturnType<typeof beginSession> =>
    plane.database.note((tx, nowMs) => beginSession(tx, nowMs, memberId, place));
  const bySession = (sessionId: string | undefined): ReturnType<Authenticator["identify"]> =>
    authenticator.identify({ authorization: undefined, sessionId, address: "127.0.0.1" });
  const byToken = (authorization: string, sessionId?: string): ReturnType<Authenticator["identify"]> =>
    authenticator.identify({ authorization, sessionId, address: "127.0.0.1" });
  const setRole = (role: Role): Promise<unknown> =>
    plane.database.note((tx) => tx.updateTable("members").set({ role }).where("id", "=", "ada").execute());
  const addToken = async (role: Role, expires_ms: number | null = null): Promise<string> => {
    const { token, sha256 } = newToken("cga", "t1");
    const row = { id: "t1", token_sha256: sha256, member_id: "ada", label: "ci", role, created_ms: 0, expires_ms };
    await plane.database.note((tx) =>
      tx
        .insertInto("api_tokens")
        .values({ ...row, last_used_ms: null })
        .execute(),
    );
    return token;
  };

  it("is a member by their session, with the role of that moment", async () => {
    const { id } = await begin();
    const actor = { kind: "member", memberId: "ada", name: "ada@example.com", address: "127.0.0.1" };
    expect(await bySession(id)).toMatchObject({ kind: "session", actor: { ...actor, role: "admin" } });
    await setRole("viewer");
    expect(await bySession(id)).toMatchObject({ kind: "session", actor: { ...actor, role: "viewer" } });
  });

  it("is a stranger without a session, and by one that nobody began", async () => {
    await begin();
    expect(await bySession(undefined)).toEqual({ kind: "stranger" });
    expect(await bySession("x".repeat(43))).toEqual({ kind: "stranger" });
    expect(await bySession("")).toEqual({ kind: "stranger" });
  });

  it("keeps a session's id as its digest only, of 256 random bits", async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => begin()));
    expect(new Set(made.map(({ id }) => id)).size).toBe(20);
    for (const { id } of made) expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const rows = JSON.stringify(await plane.database.read.selectFrom("sessions").selectAll().execute());
    for (const { id, idSha256 } of made) {
      expect(rows).not.toContain(id);
      expect(rows).toContain(idSha256);
    }
  });

  it("ends a session that is not used for half an hour, and every one after twelve hours", async () => {
    const idle = await begin();
    const busy = await begin();
    for (let passed = 0; passed < 29; passed += 1) {
      clock.pass(minuteMs);
      expect(await bySession(busy.id)).toMatchObject({ kind: "session" });
    }
    clock.pass(minuteMs);
    expect(await bySession(idle.id)).toEqual({ kind: "stranger" });
    for (let hours = 0.5; hours < 12; hours += 0.25) {
      expect(await bySession(busy.id)).toMatchObject({ kind: "session" });
      clock.pass(15 * minuteMs);
    }
    expect(await bySession(busy.id)).toEqual({ kind: "stranger" });
  });

  it("lists the sessions of a member, and ends all but one", async () => {
    const [one, two] = [await begin(), await begin()];
    await addMember(plane, "bob", "viewer");
    const others = await begin("bob");
    const ids = async (): Promise<readonly string[]> =>
      (await listSessions(plane.database.read, "ada", clock.wallMs())).map(({ idSha256 }) => idSha256);
    expect((await ids()).toSorted()).toEqual([one.idSha256, two.idSha256].toSorted());
    expect(await plane.database.note((tx) => endSessions(tx, "ada", two.idSha256))).toBe(1);
    expect(await ids()).toEqual([two.idSha256]);
    expect(await bySession(one.id)).toEqual({ kind: "stranger" });
    expect(await bySession(others.id)).toMatchObject({ kind: "session" });
  });

  it("compares a session's CSRF token whole", async () => {
    const { id, csrfToken } = await begin();
    const identity = await bySession(id);
    if (identity.kind !== "session") throw new Error("no session");
    expect(isCsrfToken(identity.session, csrfToken)).toBe(true);
    for (const wrong of [undefined, "", csrfToken.slice(1), `${csrfToken}x`, (await begin()).csrfToken]) {
      expect(isCsrfToken(identity.session, wrong)).toBe(false);
    }
  });

  it("is a member's API token, which may do no more than its member at that moment", async () => {
    const token = await addToken("policy_manager");
    const actor = { kind: "api_token", memberId: "ada", name: "ci" };
    const of = async (role: Role): Promise<unknown> => {
      await setRole(role);
      return byToken(`Bearer ${token}`);
    };
    expect(await of("admin")).toMatchObject({ actor: { ...actor, role: "policy_manager" } });
    expect(await of("approver")).toMatchObject({ actor: { ...actor, role: "approver" } });
    const [row] = await plane.database.read.selectFrom("api_tokens").select("last_used_ms").execute();
    expect(row?.last_used_ms).toBe(clock.wallMs());
  });

  it("refuses an API token that ran out, or was never made", async () => {
    const token = await addToken("admin", clock.wallMs() + minuteMs);
    expect(await byToken(`bearer ${token}`)).toMatchObject({ kind: "api_token" });
    clock.pass(minuteMs);
    await expect(byToken(`Bearer ${token}`)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(byToken("Bearer cga_t1_x")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("refuses a grant's token, beside a good session too", async () => {
    const { id } = await begin();
    for (const token of ["cg_abc_x", fileToken]) {
      await expect(byToken(`Bearer ${token}`)).rejects.toMatchObject({ code: "FORBIDDEN" });
      await expect(byToken(`Bearer ${token}`, id)).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
    expect(await byToken("Bearer something-else", id)).toEqual({ kind: "stranger" });
  });
});
