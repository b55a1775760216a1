-- Programs that used a client's credential. They decide nothing, but nobody may edit them unseen: a copied token shows here.
CREATE TABLE "evidence" (id TEXT PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID, STRICT;
