-- All times are integer milliseconds: *_ms since the interview began for
-- start_ms, end_ms and at_ms, since 1970 (UTC) for every other.

-- +goose Up

-- The kinds of finding, filled from the program at every start.
CREATE TABLE kinds (
    kind     TEXT PRIMARY KEY,
    title    TEXT NOT NULL,
    severity TEXT NOT NULL,
    consent  TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The evidence log. canonical is what was hashed and never changes; the other
-- columns repeat parts of it so that they can be searched.
CREATE TABLE entries (
    seq        INTEGER PRIMARY KEY,
    interview  TEXT NOT NULL,
    wall_ms    INTEGER NOT NULL,
    at_ms      INTEGER,
    kind       TEXT NOT NULL,
    actor_type TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    canonical  BLOB NOT NULL
) STRICT;
CREATE INDEX entries_interview ON entries (interview, kind);

-- Deletable content of entries; the canonical bytes commit to it.
CREATE TABLE parts (
    seq     INTEGER PRIMARY KEY REFERENCES entries (seq),
    salt    BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN
    SELECT RAISE(ABORT, 'entries are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN
    SELECT RAISE(ABORT, 'entries are append-only');
END;
-- +goose StatementEnd
-- Also stops INSERT OR REPLACE, which would delete without the trigger above.
-- +goose StatementBegin
CREATE TRIGGER entries_gapless BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries) BEGIN
    SELECT RAISE(ABORT, 'entries are numbered without gaps');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER parts_no_update BEFORE UPDATE ON parts BEGIN
    SELECT RAISE(ABORT, 'parts are never changed, only deleted');
END;
-- +goose StatementEnd

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    roles         TEXT NOT NULL, -- JSON array
    password_hash TEXT NOT NULL,
    active        INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_ms    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    hash       BLOB PRIMARY KEY, -- SHA-256 of the token
    user       TEXT NOT NULL REFERENCES users (id),
    created_ms INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user);

CREATE TABLE interviews (
    id             TEXT PRIMARY KEY,
    candidate_name TEXT NOT NULL,
    role           TEXT NOT NULL,
    search         TEXT NOT NULL, -- lower case of what a search looks through
    scheduled_ms   INTEGER NOT NULL,
    place          TEXT NOT NULL,
    time_zone      TEXT NOT NULL,
    kinds_off      TEXT NOT NULL, -- JSON array
    state          TEXT NOT NULL CHECK (state IN ('planned', 'live', 'ended')),
    created_by     TEXT NOT NULL REFERENCES users (id),
    created_ms     INTEGER NOT NULL,
    started_ms     INTEGER NOT NULL, -- 0 before
    ended_ms       INTEGER NOT NULL  -- 0 while not ended
) STRICT;
CREATE INDEX interviews_scheduled ON interviews (scheduled_ms);

CREATE TABLE interview_people (
    interview TEXT NOT NULL REFERENCES interviews (id),
    user      TEXT NOT NULL REFERENCES users (id),
    position  INTEGER NOT NULL,
    PRIMARY KEY (interview, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX interview_people_user ON interview_people (user);

CREATE TABLE links (
    id          TEXT PRIMARY KEY,
    interview   TEXT NOT NULL REFERENCES interviews (id),
    secret_hash BLOB NOT NULL UNIQUE, -- SHA-256
    created_ms  INTEGER NOT NULL,
    expires_ms  INTEGER NOT NULL,
    revoked_ms  INTEGER NOT NULL -- 0 while valid
) STRICT;
CREATE INDEX links_interview ON links (interview);

CREATE TABLE participants (
    id         TEXT PRIMARY KEY,
    interview  TEXT NOT NULL REFERENCES interviews (id),
    user       TEXT REFERENCES users (id), -- NULL for the candidate
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('candidate', 'interviewer', 'observer')),
    created_ms INTEGER NOT NULL,
    CHECK ((role = 'candidate') = (user IS NULL)),
    UNIQUE (interview, user)
) STRICT;
CREATE UNIQUE INDEX participants_candidate ON participants (interview) WHERE role = 'candidate';

CREATE TABLE consents (
    participant TEXT NOT NULL REFERENCES participants (id),
    consent     TEXT NOT NULL CHECK (consent IN ('recording', 'face', 'gaze', 'speech')),
    granted     INTEGER NOT NULL CHECK (granted IN (0, 1)),
    changed_ms  INTEGER NOT NULL,
    PRIMARY KEY (participant, consent)
) STRICT, WITHOUT ROWID;

-- What follows repeats the payloads of entries in a form that can be asked;
-- it is written in the transaction of the entry that it comes from.

CREATE TABLE findings (
    id          TEXT PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES entries (seq), -- the newest entry of the finding
    interview   TEXT NOT NULL,
    participant TEXT NOT NULL,
    run         TEXT NOT NULL,
    kind        TEXT NOT NULL REFERENCES kinds (kind),
    start_ms    INTEGER NOT NULL,
    end_ms      INTEGER NOT NULL,
    open        INTEGER NOT NULL CHECK (open IN (0, 1)),
    payload     TEXT NOT NULL -- the newest payload, JSON
) STRICT;
CREATE INDEX findings_interview ON findings (interview, start_ms);
CREATE INDEX findings_open ON findings (run) WHERE open = 1;

CREATE TABLE coverage (
    interview   TEXT NOT NULL,
    participant TEXT NOT NULL,
    source      TEXT NOT NULL,
    run         TEXT NOT NULL,
    kind        TEXT NOT NULL REFERENCES kinds (kind),
    start_ms    INTEGER NOT NULL,
    end_ms      INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('measured', 'not_measurable', 'not_run')),
    reason      TEXT NOT NULL CHECK ((reason = '') = (state = 'measured')),
    samples     INTEGER NOT NULL,
    seq         INTEGER NOT NULL REFERENCES entries (seq),
    PRIMARY KEY (interview, participant, source, run, kind, start_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
    interview   TEXT NOT NULL,
    participant TEXT NOT NULL,
    stream      TEXT NOT NULL,
    n           INTEGER NOT NULL,
    file        TEXT NOT NULL,
    start_ms    INTEGER NOT NULL,
    end_ms      INTEGER NOT NULL,
    seq         INTEGER NOT NULL REFERENCES entries (seq),
    payload     TEXT NOT NULL,
    PRIMARY KEY (interview, participant, stream, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
    seq         INTEGER PRIMARY KEY REFERENCES entries (seq),
    interview   TEXT NOT NULL,
    start_ms    INTEGER NOT NULL,
    payload     TEXT NOT NULL
) STRICT;
CREATE INDEX gaps_interview ON gaps (interview, start_ms);

CREATE TABLE reviews (
    seq       INTEGER PRIMARY KEY REFERENCES entries (seq),
    interview TEXT NOT NULL,
    finding   TEXT NOT NULL REFERENCES findings (id),
    decision  TEXT NOT NULL CHECK (decision IN ('confirmed', 'explained', 'dismissed'))
) STRICT;
CREATE INDEX reviews_finding ON reviews (finding);
