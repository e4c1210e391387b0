-- +goose Up

-- In which way interviews.search was folded; 0 for that of earlier versions,
-- which the next start writes anew.
ALTER TABLE interviews ADD COLUMN folding INTEGER NOT NULL DEFAULT 0;

-- Lists and searches walk through this index alone, in the order in which they
-- show what fits.
CREATE INDEX interviews_list ON interviews (scheduled_ms DESC, id, search, state, outcome, due_ms);
DROP INDEX interviews_scheduled;
