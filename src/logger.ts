import { pino } from "pino";

/** Structured logs. Never given an argument value, a result value or a secret. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** How much is logged; `silent` for none. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** A logger that writes JSON lines to standard error (standard output belongs to the protocol on stdio). */
export function createLogger(level: LogLevel): Logger {
  return pino(
    { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    pino.destination({ dest: 2, sync: true }),
  );
}
