/** The version that `PRAGMA user_version` holds. */
export const catalogueSchemaVersion = 1;

/** `application_id` of the file: `CGCT`. */
export const catalogueApplicationId = 0x43_47_43_54;

/**
 * The tables of the catalogue's file. `tool_words` and `server_words` hold three-letter pieces of names, so that any part
 * of a name is found; `facet` holds a tool's category and risk as such pieces (`c3c r3r`), so that a rare category is
 * found among common words without looking at every row.
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
