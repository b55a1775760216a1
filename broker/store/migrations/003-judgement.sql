-- What the operator judged and what sessions touched: dismissed findings, corrected labels, labels gathered by a client, policies.
CREATE TABLE "dismissal" (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE "label"     (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) STRICT;
CREATE TABLE "trail"     (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE "policy"    (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) STRICT;
