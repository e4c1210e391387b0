-- +goose Up

-- Where readings over time are found; the readings are parts of the entries.
CREATE TABLE series (
    seq         INTEGER PRIMARY KEY REFERENCES entries (seq),
    interview   TEXT NOT NULL,
    participant TEXT NOT NULL,
    source      TEXT NOT NULL,
    run         TEXT NOT NULL,
    name        TEXT NOT NULL,
    start_ms    INTEGER NOT NULL,
    end_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX series_interview ON series (interview, name, start_ms);
