-- One table per kind of row that decides. `body` is canonical JSON, `mac` covers table, id and body.
CREATE TABLE "server"     (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE "client"     (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE "grant"      (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE "definition" (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) STRICT;
CREATE TABLE "setting"    (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE "secret"     (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID, STRICT;

-- When a grant was last used, and how often. It decides nothing, so no MAC covers it.
CREATE TABLE grant_use (id TEXT PRIMARY KEY, last_used_at INTEGER NOT NULL, uses INTEGER NOT NULL) WITHOUT ROWID, STRICT;

-- One row: how many changes there were, and a digest over every MAC, so that a row too many or too few is found.
-- `tables` holds the digest of each table; `digest` is the hash of `tables`; `mac` covers all three.
CREATE TABLE ledger (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  generation INTEGER NOT NULL,
  digest TEXT NOT NULL,
  tables TEXT NOT NULL,
  mac TEXT NOT NULL
) STRICT;

-- Acts that are committed here and not yet known to be in the log.
CREATE TABLE outbox (generation INTEGER PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) STRICT;
