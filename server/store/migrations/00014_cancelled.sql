-- +goose Up

-- When a planned interview was cancelled; 0 for one that was not. Its state is
-- 'ended' then, so that all that holds after the end holds for it too.
ALTER TABLE interviews ADD COLUMN cancelled_ms INTEGER NOT NULL DEFAULT 0;

-- Lists by state walk through this index alone.
DROP INDEX interviews_list;
CREATE INDEX interviews_list ON interviews (scheduled_ms DESC, id, search, state, cancelled_ms, outcome, due_ms);
