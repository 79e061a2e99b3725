import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Actor, gatewayActor } from "../../src/audit/admin-event.ts";
import type { ControlPlane } from "../../src/control/control-plane.ts";
import { changePassword, resetPassword, signInByPassword } from "../../src/control/sign-in.ts";
import { createPasswordHasher, type PasswordHasher } from "../../src/identity/password.ts";
import { createSignInThrottle } from "../../src/identity/throttle.ts";
import { closeAll } from "../kit/opened.ts";
import { addMember, openPlane } from "./open-plane.ts";

const former = "the password of before";
const request = { address: "127.0.0.1", userAgent: "a browser", oldSessionId: undefined };
const passwords = createPasswordHasher();

describe("a password that is reset while it is checked", () => {
  let plane: ControlPlane;
  let ada: Actor;
  let given: string;
  /** The real one, but that the operator resets the password just when the former one was found right. */
  let late: PasswordHasher;
  const throttle = createSignInThrottle({ wallMs: () => 0, monotonicMs: () => 0 });
  const signIn = (password: string, hasher = passwords): Promise<string> =>
    signInByPassword(plane, { passwords: hasher, throttle }, { email: "ada@example.com", password }, request);
  const sessions = (): Promise<readonly unknown[]> => plane.database.read.selectFrom("sessions").selectAll().execute();

  beforeEach(async () => {
    ({ plane } = await openPlane());
    ada = await addMember(plane, "ada", "admin");
    const password_hash = await passwords.hash(former);
    await plane.database.note((tx) => tx.updateTable("members").set({ password_hash }).execute());
    late = {
      ...passwords,
      matches: async (password, hash) => {
        const isRight = await passwords.matches(password, hash);
        given = await resetPassword(plane, passwords, { ...gatewayActor, kind: "operator" }, "ada@example.com");
        return isRight;
      },
    };
  });
  afterEach(closeAll);

  it("opens no session", async () => {
    await expect(signIn(former, late)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await sessions()).toEqual([]);
    await expect(signIn(former)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await signIn(given)).toMatch(/\w/);
  });

  it("is not replaced by who knew the former one", async () => {
    const change = { current: former, next: "a password of somebody else's" };
    const changed = changePassword(plane, { passwords: late, throttle }, ada, change, request);
    await expect(changed).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await sessions()).toEqual([]);
    expect(await signIn(given)).toMatch(/\w/);
  });
});
