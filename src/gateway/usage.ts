/** Notes that grants are used, for those who look after them. Nothing is decided by it. */
export interface UsageMeter {
  /** A message of this grant came in. */
  readonly used: (grantId: string) => void;
  /** A call of this grant was decided and recorded. */
  readonly decided: (grantId: string, isAllowed: boolean) => void;
}
