-- +goose Up

-- To which part of its interview's record each deletable content belongs.
ALTER TABLE parts ADD COLUMN part TEXT NOT NULL DEFAULT 'text';

-- What people decided about the interview as a whole; '' while nobody did.
ALTER TABLE interviews ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE interviews ADD COLUMN decided_ms INTEGER NOT NULL DEFAULT 0;
-- When the next part of the record goes by policy, as of the last sweep; 0 for never.
ALTER TABLE interviews ADD COLUMN due_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX interviews_due ON interviews (due_ms) WHERE due_ms > 0;

-- The rules of retention, as an administrator last set them.
CREATE TABLE policies (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    rule     TEXT NOT NULL, -- where it comes from, for people
    action   TEXT NOT NULL CHECK (action IN ('keep', 'delete', 'request')),
    parts    TEXT NOT NULL, -- JSON array
    role     TEXT NOT NULL, -- of the interview; '' for every one
    outcome  TEXT NOT NULL, -- '' for every one
    origin   TEXT NOT NULL CHECK (origin IN ('ended', 'decided', 'requested')),
    days     INTEGER NOT NULL CHECK (days >= 0),
    active   INTEGER NOT NULL CHECK (active IN (0, 1)),
    position INTEGER NOT NULL
) STRICT;

-- Holds win over every deletion while they are not released.
CREATE TABLE holds (
    id           TEXT PRIMARY KEY,
    interview    TEXT NOT NULL REFERENCES interviews (id),
    reason       TEXT NOT NULL,
    owner        TEXT NOT NULL REFERENCES users (id),
    created_ms   INTEGER NOT NULL,
    released_ms  INTEGER NOT NULL, -- 0 while it holds
    released_by  TEXT NOT NULL
) STRICT;
CREATE INDEX holds_interview ON holds (interview);

-- What people asked to be deleted.
CREATE TABLE deletion_requests (
    id         TEXT PRIMARY KEY,
    interview  TEXT NOT NULL REFERENCES interviews (id),
    parts      TEXT NOT NULL, -- JSON array
    text       TEXT NOT NULL, -- what was written to it
    created_ms INTEGER NOT NULL,
    due_ms     INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'fulfilled', 'refused')),
    closed_ms  INTEGER NOT NULL, -- 0 while open
    closed_by  TEXT NOT NULL,
    answer     TEXT NOT NULL
) STRICT;
CREATE INDEX deletion_requests_interview ON deletion_requests (interview);
CREATE INDEX deletion_requests_open ON deletion_requests (due_ms) WHERE state = 'open';

-- Deletions by their tombstones. One that is not done has its rows deleted,
-- but perhaps not yet its keys and files.
CREATE TABLE deletions (
    seq       INTEGER PRIMARY KEY REFERENCES entries (seq),
    interview TEXT NOT NULL,
    part      TEXT NOT NULL,
    up_to     INTEGER NOT NULL, -- keys up to this number go
    payload   TEXT NOT NULL,
    wall_ms   INTEGER NOT NULL,
    done      INTEGER NOT NULL CHECK (done IN (0, 1))
) STRICT;
CREATE INDEX deletions_interview ON deletions (interview, part);
