/** What people administer: members, servers, policies, grants, secrets, and the events that tell who changed what. */
export const migration0002: string = `
CREATE TABLE control (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  install_id TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO control (id, install_id, revision) VALUES (1, 'inst_' || lower(hex(randomblob(16))), 0);

CREATE TABLE organisations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'approver', 'policy_manager', 'admin')),
  password_hash TEXT,
  oidc_subject TEXT UNIQUE,
  created_ms INTEGER NOT NULL,
  last_seen_ms INTEGER,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invitations (
  id TEXT PRIMARY KEY,
  token_sha256 TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('setup', 'invitation')),
  email TEXT,
  role TEXT NOT NULL,
  created_by TEXT,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id_sha256 TEXT PRIMARY KEY,
  member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  csrf_token TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  address TEXT,
  user_agent TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_member ON sessions (member_id);

CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  token_sha256 TEXT NOT NULL UNIQUE,
  member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  label TEXT NOT NULL,
  role TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  last_used_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_tokens_member ON api_tokens (member_id);

CREATE TABLE servers (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  access TEXT NOT NULL,
  settings TEXT NOT NULL,
  is_disabled INTEGER NOT NULL CHECK (is_disabled IN (0, 1)),
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tool_lists (
  server TEXT PRIMARY KEY,
  fetched_ms INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  tools TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_versions (
  policy_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  document TEXT NOT NULL,
  note TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (policy_id, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER policy_versions_stay BEFORE UPDATE ON policy_versions
BEGIN
  SELECT RAISE(ABORT, 'a policy version is never changed');
END;

CREATE TABLE grants (
  id TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  owner TEXT,
  tags TEXT NOT NULL,
  expires_ms INTEGER,
  show_denied INTEGER NOT NULL CHECK (show_denied IN (0, 1)),
  revoked_ms INTEGER,
  client TEXT,
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE grant_servers (
  grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  server TEXT NOT NULL,
  policy_id TEXT,
  PRIMARY KEY (grant_id, server)
) STRICT, WITHOUT ROWID;
CREATE INDEX grant_servers_server ON grant_servers (server);
CREATE INDEX grant_servers_policy ON grant_servers (policy_id) WHERE policy_id IS NOT NULL;

CREATE TABLE grant_tokens (
  token_sha256 TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX grant_tokens_grant ON grant_tokens (grant_id);

CREATE TABLE grant_usage (
  grant_id TEXT PRIMARY KEY,
  last_used_ms INTEGER NOT NULL,
  allowed INTEGER NOT NULL,
  denied INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secrets (
  id TEXT PRIMARY KEY,
  server TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('header', 'environment', 'oauth')),
  name TEXT NOT NULL,
  origin TEXT NOT NULL,
  version INTEGER NOT NULL,
  sealed TEXT NOT NULL,
  set_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  UNIQUE (server, grant_id, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE upstream_connections (
  server TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('connected', 'failing', 'consent_needed')),
  issuer TEXT NOT NULL,
  scope TEXT NOT NULL,
  problem TEXT,
  expires_ms INTEGER,
  connected_by TEXT NOT NULL,
  renewing_until_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (server, grant_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sealed_values (
  id TEXT PRIMARY KEY,
  sealed TEXT NOT NULL,
  version INTEGER NOT NULL,
  expires_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_values_expiry ON sealed_values (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE oauth_objects (
  model TEXT NOT NULL,
  id_sha256 TEXT NOT NULL,
  grant_key TEXT,
  uid TEXT,
  user_code TEXT,
  payload TEXT NOT NULL,
  consumed_ms INTEGER,
  expires_ms INTEGER,
  PRIMARY KEY (model, id_sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_objects_grant ON oauth_objects (grant_key) WHERE grant_key IS NOT NULL;
CREATE INDEX oauth_objects_uid ON oauth_objects (uid) WHERE uid IS NOT NULL;
CREATE INDEX oauth_objects_expiry ON oauth_objects (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE idempotency_keys (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  request_sha256 TEXT NOT NULL,
  status INTEGER NOT NULL,
  answer TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE admin_events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  time_ms INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT,
  actor_name TEXT NOT NULL,
  address TEXT,
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  before TEXT,
  after TEXT
) STRICT;
CREATE INDEX admin_events_object ON admin_events (object_kind, object_id, sequence);
CREATE TRIGGER admin_events_stay BEFORE UPDATE ON admin_events
BEGIN
  SELECT RAISE(ABORT, 'an admin event is never changed');
END;
`;
