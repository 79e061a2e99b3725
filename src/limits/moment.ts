/** The time a limit is judged at. Both in whole milliseconds. */
export interface Moment {
  /**
   * Steady time: elapsed time on top of a start that all users of one store share. Never goes back. What slides counts
   * in it.
   */
  readonly steadyMs: number;
  /** Wall time since 1970 (UTC). May jump either way. What follows the calendar counts in it. */
  readonly wallMs: number;
}
