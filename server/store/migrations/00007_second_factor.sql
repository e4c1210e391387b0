-- +goose Up

-- An account that must have a second factor may do nothing before it has one.
ALTER TABLE users ADD COLUMN require_second INTEGER NOT NULL DEFAULT 0 CHECK (require_second IN (0, 1));

-- Time-based one-time passwords (RFC 6238).
CREATE TABLE second_factors (
    user       TEXT PRIMARY KEY REFERENCES users (id),
    secret     BLOB NOT NULL,    -- encrypted where parts are
    confirmed  INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    last_step  INTEGER NOT NULL, -- the newest code that was used, by its time step: none is used twice
    created_ms INTEGER NOT NULL
) STRICT;

-- Codes that stand in for a lost device, each once; SHA-256.
CREATE TABLE recovery_codes (
    user TEXT NOT NULL REFERENCES users (id),
    hash BLOB NOT NULL,
    PRIMARY KEY (user, hash)
) STRICT, WITHOUT ROWID;
