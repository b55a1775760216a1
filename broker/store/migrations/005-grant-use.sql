-- A grant that nobody uses lapses, so when it was last used decides: proven like every row that does. What was counted before is forgotten.
ALTER TABLE grant_use ADD COLUMN mac TEXT NOT NULL DEFAULT '';
