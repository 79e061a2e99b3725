import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { networkOf } from "../values/ip-address.ts";

/** Slows down who tries passwords. In memory: a restart forgets. */
export interface SignInThrottle {
  /** Counts an attempt on an account (undefined: on none in particular) from an address. Throws `TOO_MANY_ATTEMPTS`, with how long to wait; that is not counted. */
  readonly attempt: (account: string | undefined, address: string | undefined) => void;
  /** The last attempt on this account was good. */
  readonly succeeded: (account: string) => void;
}

/** Wrong attempts on one account before it has to be waited. */
const freeAttempts = 5;
const firstDelayMs = 1_000;
const delayMsMax = 15 * 60_000;

const forgottenMs = 60 * 60_000;

const minuteMs = 60_000;
const perAddressMax = 20;
const everywhereMax = 200;

/** How many accounts and addresses are remembered; the oldest is forgotten first. */
const rememberedMax = 10_000;

interface Attempts {
  readonly failures: number;
  /** Elapsed time before which no other attempt is made, milliseconds. */
  readonly notBeforeMs: number;
}

/**
 * Five attempts on an account are free; then each wrong one makes the next wait, twice as long each time, up to 15 minutes. One
 * address has 20 in a minute, all together 200. Nobody is locked out for good.
 */
export function createSignInThrottle(clock: Clock): SignInThrottle {
  const accounts = new Map<string, Attempts>();
  const addresses = new Map<string, readonly number[]>();
  let everywhere: readonly number[] = [];

  return {
    attempt: (account, address) => {
      const nowMs = clock.monotonicMs();
      const key = account?.toLowerCase();
      const { failures, notBeforeMs } = stillCounted(key === undefined ? undefined : accounts.get(key), nowMs);
      const place = networkOf(address);
      const fromPlace = recent(addresses.get(place) ?? [], nowMs);
      everywhere = recent(everywhere, nowMs);
      const waitMs = Math.max(
        notBeforeMs - nowMs,
        untilRoom(fromPlace, perAddressMax, nowMs),
        untilRoom(everywhere, everywhereMax, nowMs),
      );
      if (waitMs > 0) throw tooMany(waitMs);
      if (key !== undefined) {
        remember(accounts, key, { failures: failures + 1, notBeforeMs: nowMs + delayMs(failures + 1) });
      }
      remember(addresses, place, [...fromPlace, nowMs]);
      everywhere = [...everywhere, nowMs];
    },
    succeeded: (account) => {
      accounts.delete(account.toLowerCase());
    },
  };
}

const noAttempts: Attempts = { failures: 0, notBeforeMs: 0 };

/** Attempts are forgotten a while after the wait for them is over. */
function stillCounted(attempts: Attempts | undefined, nowMs: number): Attempts {
  return attempts === undefined || nowMs - attempts.notBeforeMs >= forgottenMs ? noAttempts : attempts;
}

/** How long to wait after so many failures. Pure. */
function delayMs(failures: number): number {
  return failures < freeAttempts ? 0 : Math.min(firstDelayMs * 2 ** (failures - freeAttempts), delayMsMax);
}

function recent(times: readonly number[], nowMs: number): readonly number[] {
  return times.filter((time) => nowMs - time < minuteMs);
}

function untilRoom(times: readonly number[], max: number, nowMs: number): number {
  const oldest = times.at(-max);
  return oldest === undefined ? 0 : oldest + minuteMs - nowMs;
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= rememberedMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function tooMany(waitMs: number): AppError {
  const retryAfterSeconds = Math.ceil(waitMs / 1_000);
  const message = `too many attempts: try again in ${retryAfterSeconds} s`;
  return new AppError("TOO_MANY_ATTEMPTS", message, { data: { retryAfterSeconds } });
}
