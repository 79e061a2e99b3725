const opened = new Set<() => Promise<void>>();

/** Registers how something that a test opened is closed; the function that closes it now may be called in any case. */
export function closeLater(close: () => Promise<void> | void): () => Promise<void> {
  const once = async (): Promise<void> => {
    if (!opened.delete(once)) return;
    await close();
  };
  opened.add(once);
  return once;
}

/** Closes everything the kit opened since the last time, last opened first: `afterEach(closeAll)` or `afterAll(closeAll)`. */
export async function closeAll(): Promise<void> {
  const faults: unknown[] = [];
  for (const close of [...opened].toReversed()) await close().catch((error: unknown) => faults.push(error));
  if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join("; "));
}
