import { describe, expect, it } from "vitest";
import { AppError } from "../errors.ts";
import { createSignInThrottle, type SignInThrottle } from "./throttle.ts";

const minuteMs = 60_000;

function throttle(): SignInThrottle & { readonly pass: (ms: number) => void } {
  let nowMs = 1_000;
  const clock = { wallMs: () => nowMs, monotonicMs: () => nowMs };
  return { ...createSignInThrottle(clock), pass: (ms) => (nowMs += ms) };
}

/** How long an attempt is told to wait, seconds; 0 when it may be made. */
function waitOf(attempt: () => void): number {
  try {
    attempt();
    return 0;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "TOO_MANY_ATTEMPTS") throw error;
    return Number(error.data?.["retryAfterSeconds"]);
  }
}

describe("the throttle of sign-ins", () => {
  it("lets five attempts on an account through, then each waits twice as long, up to a quarter of an hour", () => {
    const { attempt, pass } = throttle();
    let place = 0;
    const waits: number[] = [];
    for (let made = 0; made < 18;) {
      // Another address each time: only the account is looked at.
      const waitSeconds = waitOf(() => attempt("Ada@example.com", `192.0.2.${(place += 1)}`));
      if (waitSeconds === 0) made += 1;
      else {
        waits.push(waitSeconds);
        pass(waitSeconds * 1_000);
      }
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it("looks at accounts apart, and at none of them by case", () => {
    const { attempt } = throttle();
    for (let made = 0; made < 5; made += 1) attempt(made % 2 === 0 ? "ada" : "ADA", "192.0.2.1");
    expect(waitOf(() => attempt("Ada", "192.0.2.1"))).toBe(1);
    expect(waitOf(() => attempt("bob", "192.0.2.1"))).toBe(0);
  });

  it("takes an empty address for an account, and not for signing in without one", () => {
    const { attempt } = throttle();
    for (let made = 0; made < 5; made += 1) attempt("", "192.0.2.1");
    expect(waitOf(() => attempt("", "192.0.2.1"))).toBe(1);
    expect(waitOf(() => attempt(undefined, "192.0.2.2"))).toBe(0);
  });

  it("does not count what had to wait, and forgets what a good one ends", () => {
    const { attempt, succeeded, pass } = throttle();
    for (let made = 0; made < 5; made += 1) attempt("ada", "192.0.2.1");
    for (let made = 0; made < 50; made += 1) expect(waitOf(() => attempt("ada", "192.0.2.1"))).toBe(1);
    pass(1_000);
    attempt("ada", "192.0.2.1");
    succeeded("Ada");
    for (let made = 0; made < 5; made += 1) expect(waitOf(() => attempt("ada", "192.0.2.1"))).toBe(0);
  });

  it("forgets an account an hour after the last wait for it", () => {
    const { attempt, pass } = throttle();
    for (let made = 0; made < 5; made += 1) attempt("ada", "192.0.2.1");
    pass(60 * minuteMs + 1_000);
    for (let made = 0; made < 5; made += 1) expect(waitOf(() => attempt("ada", "192.0.2.1"))).toBe(0);
    expect(waitOf(() => attempt("ada", "192.0.2.1"))).toBe(1);
  });

  it("lets one address make twenty in a minute, on whatever accounts", () => {
    const { attempt, pass } = throttle();
    for (let made = 0; made < 20; made += 1) attempt(`person${made}`, "192.0.2.1");
    expect(waitOf(() => attempt("another", "192.0.2.1"))).toBe(60);
    expect(waitOf(() => attempt("another", "192.0.2.2"))).toBe(0);
    pass(minuteMs);
    expect(waitOf(() => attempt("another", "192.0.2.1"))).toBe(0);
  });

  it("takes a /64 of IPv6 for one address", () => {
    const { attempt } = throttle();
    for (let made = 0; made < 20; made += 1) attempt(`person${made}`, `2001:db8:0:1::${made}`);
    expect(waitOf(() => attempt("another", "2001:db8:0:1:ffff::1"))).toBe(60);
    expect(waitOf(() => attempt("another", "2001:db8:0:2::1"))).toBe(0);
  });

  it("lets two hundred through in a minute, from wherever", () => {
    const { attempt, pass } = throttle();
    for (let made = 0; made < 200; made += 1) attempt(`person${made}`, `192.0.2.${made}`);
    expect(waitOf(() => attempt("another", "198.51.100.1"))).toBe(60);
    pass(minuteMs);
    expect(waitOf(() => attempt("another", "198.51.100.1"))).toBe(0);
  });
});
