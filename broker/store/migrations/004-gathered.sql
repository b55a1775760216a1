-- What was asked and refused while the operator was away.
CREATE TABLE "gathered" (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) STRICT;
