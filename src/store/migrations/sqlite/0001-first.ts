/** The first schema: what `docs/storage-schema.md` describes. */
export const migration0001: string = `
CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  digest_salt BLOB NOT NULL CHECK (length(digest_salt) = 32),
  steady_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE counters (
  key TEXT PRIMARY KEY,
  family TEXT,
  state TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  forget_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX counters_family ON counters (family, expires_ms) WHERE family IS NOT NULL;
CREATE INDEX counters_forget ON counters (forget_ms);

CREATE TABLE leases (
  key TEXT NOT NULL,
  request_id TEXT NOT NULL,
  family TEXT,
  units INTEGER NOT NULL CHECK (units > 0),
  PRIMARY KEY (key, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_family ON leases (family, key) WHERE family IS NOT NULL;

CREATE TABLE marks (
  scope TEXT NOT NULL,
  mark TEXT NOT NULL,
  left_ms INTEGER NOT NULL,
  PRIMARY KEY (scope, mark)
) STRICT, WITHOUT ROWID;

CREATE TABLE open_calls (
  request_id TEXT PRIMARY KEY,
  node TEXT NOT NULL,
  receipt TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rows (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  node TEXT NOT NULL,
  request_id TEXT NOT NULL,
  grant_id TEXT,
  server TEXT,
  tool TEXT,
  outcome TEXT,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX rows_request ON rows (request_id);
CREATE INDEX rows_grant ON rows (grant_id, sequence) WHERE grant_id IS NOT NULL;
CREATE INDEX rows_tool ON rows (tool, sequence) WHERE tool IS NOT NULL;
CREATE INDEX rows_refused ON rows (outcome, sequence) WHERE outcome IN ('deny', 'hold');
`;
