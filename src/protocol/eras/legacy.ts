/** The revisions with a handshake, oldest first. The first was never published but is still negotiated. */
export const legacyVersions = ["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] as const;

const known: ReadonlySet<string> = new Set(legacyVersions);

/** Pure. Whether the text names a revision of the legacy era. */
export function isLegacyVersion(version: string): boolean {
  return known.has(version);
}
