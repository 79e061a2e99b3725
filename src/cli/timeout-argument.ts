import { parseDuration } from "../documents/durations.ts";
import { UsageError } from "./command.ts";

/** A command that first installs a package needs more than the usual time. */
const timeoutMsMax = 300_000;

/**
 * Reads the time for each server that `--timeout` names, milliseconds: seconds, or a length such as `90s`. Throws
 * {@link UsageError} for what is none, or is over five minutes.
 */
export function readTimeout(text: string | undefined, defaultMs: number): number {
  if (text === undefined) return defaultMs;
  const timeoutMs = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (timeoutMs === undefined || timeoutMs <= 0 || timeoutMs > timeoutMsMax)
    throw new UsageError(`\`${text}\` is not a length of time up to 5 minutes: write \`90s\``);
  return timeoutMs;
}
