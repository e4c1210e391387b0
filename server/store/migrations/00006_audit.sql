-- +goose Up

-- For searches over all interviews.
CREATE INDEX findings_kind ON findings (kind, interview);
CREATE INDEX entries_kind ON entries (kind);
CREATE INDEX interviews_outcome ON interviews (outcome) WHERE outcome <> '';

-- Which texts were deleted, in order, so that the index in memory forgets them.
CREATE TABLE forgotten (
    n   INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER parts_forgotten AFTER DELETE ON parts BEGIN
    INSERT INTO forgotten (seq) VALUES (OLD.seq);
END;
-- +goose StatementEnd

-- Searches that a person keeps.
CREATE TABLE saved_searches (
    id         TEXT PRIMARY KEY,
    user       TEXT NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    query      TEXT NOT NULL, -- JSON of the criteria
    created_ms INTEGER NOT NULL,
    UNIQUE (user, name)
) STRICT;

-- What the last verification found of each record.
CREATE TABLE record_checks (
    interview TEXT PRIMARY KEY REFERENCES interviews (id),
    wall_ms   INTEGER NOT NULL,
    size      INTEGER NOT NULL, -- entries of the log at that time
    state     TEXT NOT NULL CHECK (state IN ('holds', 'differs')),
    faults    TEXT NOT NULL -- JSON array of sentences
) STRICT, WITHOUT ROWID;
CREATE INDEX record_checks_state ON record_checks (state);
