/** One client connection that has one call under way at a time. */
export interface Lane {
  /** Sends a call and resolves to the answer's text. */
  call(): Promise<string>;
  /** Sends any message and resolves to the answer's text. */
  ask(method: string, params: Readonly<Record<string, unknown>>): Promise<string>;
  close(): void;
}
