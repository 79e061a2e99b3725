/** Exit codes of every command. */
export const exitCodes = {
  /** Done. */
  done: 0,
  /** Refused, or the file has problems, or a test case failed. */
  refused: 1,
  /** The command was used wrongly. */
  usage: 2,
  /** A fault: the store, the network, a bug. */
  fault: 3,
} as const;
