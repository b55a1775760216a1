-- One row: which vault holds this home's keys, so it must be readable before any key is. Nothing here decides who may do what:
-- whoever changes `id` or `vault` only makes the keys unfindable, and the broker starts locked.
CREATE TABLE home (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, vault TEXT NOT NULL, port INTEGER NOT NULL) STRICT;
