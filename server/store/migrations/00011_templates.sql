-- +goose Up

-- One more consent may be answered; SQLite changes a check by making the table
-- anew.
CREATE TABLE consents_new (
    participant TEXT NOT NULL REFERENCES participants (id),
    consent     TEXT NOT NULL CHECK (consent IN ('recording', 'face', 'gaze', 'speech', 'templates')),
    granted     INTEGER NOT NULL CHECK (granted IN (0, 1)),
    changed_ms  INTEGER NOT NULL,
    PRIMARY KEY (participant, consent)
) STRICT, WITHOUT ROWID;
INSERT INTO consents_new (participant, consent, granted, changed_ms) SELECT participant, consent, granted, changed_ms FROM consents;
DROP TABLE consents;
ALTER TABLE consents_new RENAME TO consents;

-- Face templates that were kept to be compared with other interviews. The
-- numbers are parts of the entries; a line stays when they are deleted.
CREATE TABLE face_templates (
    id          TEXT PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES entries (seq),
    interview   TEXT NOT NULL,
    participant TEXT NOT NULL,
    origin      TEXT NOT NULL CHECK (origin IN ('enrolled', 'document')),
    model       TEXT NOT NULL,
    frames      INTEGER NOT NULL,
    still       TEXT NOT NULL
) STRICT;
CREATE INDEX face_templates_interview ON face_templates (interview);
