/** Definitions of tools that were seen, and those that somebody reviewed. */
export const migration0003: string = `
CREATE TABLE tool_definitions (
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  definition TEXT NOT NULL,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  PRIMARY KEY (server, tool, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE tool_reviews (
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  category TEXT NOT NULL,
  signals TEXT NOT NULL,
  note TEXT NOT NULL,
  reviewed_by TEXT NOT NULL,
  reviewed_ms INTEGER NOT NULL,
  PRIMARY KEY (server, tool, sha256)
) STRICT, WITHOUT ROWID;
`;
