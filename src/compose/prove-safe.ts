import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { selfTest } from "./self-test.ts";

/** No clock that is set shows a time before this version was made, milliseconds since 1970. */
const madeAtMs = Date.parse("2026-11-01T00:00:00Z");

/** What must hold before a gateway takes calls. Rejects with `CLOCK_UNSET` or `SELF_TEST_FAILED`. */
export async function proveSafe(clock: Pick<Clock, "wallMs">, logger: Logger): Promise<void> {
  const nowMs = clock.wallMs();
  if (nowMs < madeAtMs) {
    const shown = new Date(nowMs).toISOString();
    throw new AppError("CLOCK_UNSET", `the machine's clock shows ${shown}, which cannot be: set it and start again`);
  }
  await selfTest(logger);
}
