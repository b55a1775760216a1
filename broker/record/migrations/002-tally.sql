-- How much happened when, for charts: one row for what is alike within five minutes, filled with the shelf. It proves nothing and decides nothing;
-- it stays when entries are pruned, and is filled anew from `entry` where the mark `tallied` is behind.
CREATE TABLE tally (
  slot INTEGER NOT NULL,
  client TEXT NOT NULL,
  server TEXT NOT NULL,
  calls INTEGER NOT NULL,
  asked INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  PRIMARY KEY (slot, client, server)
) STRICT, WITHOUT ROWID;
