import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Severity } from "../catalogue/checks/finding.ts";
import type { Clock } from "../clock.ts";
import type { CatalogueChange, CatalogueStore } from "./catalogue-store.ts";

/** Where changes are sent, and how they are signed. */
export interface ChangeReceiver {
  readonly url: string;
  readonly severity: Severity;
  /** Signs `<timestamp>.<body>`: hex. */
  readonly sign: (text: string) => string;
}

/** What a delivery works with. */
export interface DeliveryParts {
  readonly store: () => CatalogueStore;
  readonly clock: Clock;
  /** Sends a POST; resolves to whether it was answered with 2xx. Never rejects. */
  readonly post: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<boolean>;
  /** Told of every attempt that failed; the address is not among it. */
  readonly onFailure: (failures: number, nextMs: number) => void;
  readonly signal: AbortSignal;
}

const pollMs = 2_000;
const firstPauseMs = 1_000;
const pauseMsMax = 300_000;
const batchMax = 100;

/**
 * Sends the change feed to a receiver from now on, or from where it left off, until the signal: at most 100 changes at a
 * time, in order, the same again (after 1 s, then twice as long each time, at most 5 minutes) until it is taken. Never
 * rejects. The headers `callgate-timestamp` (seconds since 1970) and `callgate-signature` (`v1=` and the HMAC-SHA256 of
 * `<timestamp>.<body>`) tell the receiver whom it is from, and when.
 */
export async function deliverChanges(receiver: ChangeReceiver, parts: DeliveryParts): Promise<void> {
  const { signal } = parts;
  const name = createHash("sha256").update(receiver.url).digest("hex");
  let failures = 0;
  while (!signal.aborted) {
    const pauseMs = await turn(receiver, name, parts)
      .then((result) => {
        if (result !== "failed") failures = 0;
        return result === "sent" ? 0 : result === "nothing" ? pollMs : undefined;
      })
      .catch(() => undefined);
    const nextMs = pauseMs ?? Math.min(pauseMsMax, firstPauseMs * 2 ** failures);
    if (pauseMs === undefined) {
      failures += 1;
      parts.onFailure(failures, nextMs);
    }
    // Aborted while it waits: the loop ends.
    await wait(nextMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function turn(
  { url, severity, sign }: ChangeReceiver,
  name: string,
  { store, clock, post }: DeliveryParts,
): Promise<"sent" | "nothing" | "failed"> {
  const after = store().delivered(name);
  const changes = store().changes({ after, severity, limit: batchMax });
  const last = changes.at(-1);
  if (last === undefined) return "nothing";
  const body = bodyOf(changes);
  const timestamp = String(Math.floor(clock.wallMs() / 1_000));
  const headers = {
    "content-type": "application/json",
    "callgate-timestamp": timestamp,
    "callgate-signature": `v1=${sign(`${timestamp}.${body}`)}`,
  };
  if (!(await post(url, headers, body))) return "failed";
  store().markDelivered(name, last.sequence);
  return "sent";
}

function bodyOf(changes: readonly CatalogueChange[]): string {
  return JSON.stringify({ type: "catalogue.changes", changes });
}
