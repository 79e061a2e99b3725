/** The version that `PRAGMA user_version` holds. */
export const catalogueSchemaVersion = 3;

/** `application_id` of the file: `CGCT`. */
export const catalogueApplicationId = 0x43_47_43_54;

/**
 * The tables of the catalogue's file. `tool_words` and `server_words` hold three-letter pieces of names, so that any part
 * of a name is found; `facet` holds a tool's category and risk as such pieces (`c3c r3r`), so that a rare category is
 * found among common words without looking at every row. `server_names` holds what a server answers to, references
 * (`npm:@acme/notes`) among them.
 */
export const catalogueSchema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE servers (
  id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL,
  examined INTEGER NOT NULL,
  names TEXT NOT NULL,
  categories INTEGER NOT NULL,
  hit TEXT NOT NULL
) STRICT;
CREATE TABLE server_records (server_id INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE server_names (name TEXT NOT NULL, server_id INTEGER NOT NULL, PRIMARY KEY (name, server_id)) STRICT, WITHOUT ROWID;
CREATE INDEX server_names_server ON server_names (server_id);
CREATE TABLE tools (
  id INTEGER PRIMARY KEY,
  server_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  slug TEXT NOT NULL,
  category INTEGER NOT NULL,
  risk INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX tools_server ON tools (server_id, position);
CREATE INDEX tools_name ON tools (name_key, id);
CREATE INDEX tools_category ON tools (category, name_key, id);
CREATE INDEX tools_risk ON tools (risk, name_key, id);
CREATE VIRTUAL TABLE tool_words USING fts5(words, facet, content='', contentless_delete=1, tokenize='trigram');
CREATE VIRTUAL TABLE server_words USING fts5(words, content='', contentless_delete=1, tokenize='trigram');
CREATE TABLE overrides (
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  category TEXT NOT NULL,
  note TEXT NOT NULL,
  by TEXT NOT NULL,
  at TEXT NOT NULL,
  definition TEXT,
  PRIMARY KEY (server, tool)
) STRICT, WITHOUT ROWID;
CREATE TABLE changes (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  server TEXT NOT NULL,
  severity INTEGER NOT NULL,
  change TEXT NOT NULL
) STRICT;
CREATE INDEX changes_server ON changes (server, sequence);
CREATE TABLE deliveries (receiver TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE queue (name TEXT PRIMARY KEY, first_asked_at TEXT NOT NULL, times INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * What version 1 did not have: references among the names. Looks at commands were kept there by what a client calls them,
 * so that nobody knows what they were looks at: they go.
 */
export const catalogueSchemaFrom1 = `
CREATE TEMP TABLE nameless AS SELECT server_id AS id FROM server_records
  WHERE json_extract(record, '$.source') = 'live'
    AND json_array_length(record, '$.packages') = 0 AND json_array_length(record, '$.remotes') = 0;
DELETE FROM tool_words WHERE rowid IN (SELECT t.id FROM tools t JOIN nameless n ON n.id = t.server_id);
DELETE FROM server_words WHERE rowid IN (SELECT id FROM nameless);
DELETE FROM tools WHERE server_id IN (SELECT id FROM nameless);
DELETE FROM server_names WHERE server_id IN (SELECT id FROM nameless);
DELETE FROM server_records WHERE server_id IN (SELECT id FROM nameless);
DELETE FROM servers WHERE id IN (SELECT id FROM nameless);
DROP TABLE nameless;
INSERT OR IGNORE INTO server_names
  SELECT lower(json_extract(p.value, '$.registry') || ':' || json_extract(p.value, '$.name')), r.server_id
  FROM server_records r, json_each(r.record, '$.packages') p;
INSERT OR IGNORE INTO server_names
  SELECT lower(p.value), r.server_id FROM server_records r, json_each(r.record, '$.remotes') p;
`;

/** What version 2 did not have: the definition that a local correction was made for. */
export const catalogueSchemaFrom2 = "ALTER TABLE overrides ADD COLUMN definition TEXT";
