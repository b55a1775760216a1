-- The log. `hash` covers `prev` and `body`; `type`, `at` and `generation` are derived from the body and checked by verify.
-- The small columns stand first, so that a scan never reads the pages of a long body.
CREATE TABLE entry (
  seq INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  generation INTEGER,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX entry_generation ON entry (generation, seq) WHERE generation IS NOT NULL;

-- What entries are found by. Filled in batches a moment after the entry: each index kept inside a write would cost that write a
-- page. Derived from the body, checked by verify, rebuilt from `entry` when emptied.
CREATE TABLE shelf (
  seq INTEGER PRIMARY KEY,
  client TEXT,
  server TEXT,
  capability TEXT,
  verdict TEXT,
  approval TEXT,
  asked INTEGER
) STRICT;
CREATE INDEX shelf_client ON shelf (client, seq) WHERE client IS NOT NULL;
CREATE INDEX shelf_server ON shelf (server, seq) WHERE server IS NOT NULL;
CREATE INDEX shelf_capability ON shelf (capability, seq) WHERE capability IS NOT NULL;
CREATE INDEX shelf_verdict ON shelf (verdict, seq) WHERE verdict IS NOT NULL;
CREATE INDEX shelf_approval ON shelf (approval, seq) WHERE approval IS NOT NULL;
CREATE INDEX shelf_asked ON shelf (asked, seq) WHERE asked IS NOT NULL;

-- The words of the facts, for search; filled with the shelf.
CREATE VIRTUAL TABLE facts USING fts5(text, content='', contentless_delete=1);

-- The key that sealed the bodies of one day, itself sealed under the vault's key. Without it that day's bodies are noise.
CREATE TABLE day_key (day TEXT PRIMARY KEY, wrapped TEXT NOT NULL) STRICT;

-- `settled`: every `asked` up to this seq has its outcome. `steps`: how often the clock went back.
CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
