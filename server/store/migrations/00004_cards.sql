-- +goose Up

-- Templates of run-sheets, as they are now; interviews keep in the log what
-- they were drawn from.
CREATE TABLE templates (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    roles      TEXT NOT NULL, -- JSON array, as typed
    cards      TEXT NOT NULL, -- JSON array
    changed_ms INTEGER NOT NULL
) STRICT;

-- Which template a role has, the role in lower case.
CREATE TABLE template_roles (
    role     TEXT PRIMARY KEY,
    template TEXT NOT NULL REFERENCES templates (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
