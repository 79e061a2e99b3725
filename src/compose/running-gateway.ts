import type { Problem } from "../errors.ts";

/** What a start or a reload reports. */
export interface ComposeEvents {
  /** Problems of a file; `isKept` when the last good configuration stays in force. */
  readonly onProblems: (problems: readonly Problem[], isKept: boolean) => void;
  /** A changed file is in force from now on. */
  readonly onReload: (what: string) => void;
  /** A line of a server's standard error. */
  readonly onServerStderr: (server: string, line: string) => void;
}

/** A running gateway. */
export interface RunningGateway {
  /** Ends everything: no new calls, running ones get up to `graceMs`. Resolves when no child is left. */
  close(graceMs: number): Promise<void>;
}
