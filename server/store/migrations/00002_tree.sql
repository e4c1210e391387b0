-- +goose Up

-- The hashes of the Merkle tree over the entries (RFC 6962), in the order of
-- Go's golang.org/x/mod/sumdb/tlog: written with the entry, and never changed.
CREATE TABLE tree (
    position INTEGER PRIMARY KEY,
    hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- Signed statements of the log's size and root.
CREATE TABLE checkpoints (
    id      INTEGER PRIMARY KEY,
    size    INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    reason  TEXT NOT NULL CHECK (reason IN ('start', 'interview', 'hour', 'demand', 'export', 'rotation', 'shutdown')),
    keys    TEXT NOT NULL, -- verifiers of the keys that signed, one a line
    note    TEXT NOT NULL  -- the signed note
) STRICT;
CREATE INDEX checkpoints_size ON checkpoints (size);

-- +goose StatementBegin
CREATE TRIGGER tree_no_update BEFORE UPDATE ON tree BEGIN
    SELECT RAISE(ABORT, 'the tree is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tree_no_delete BEFORE DELETE ON tree BEGIN
    SELECT RAISE(ABORT, 'the tree is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tree_gapless BEFORE INSERT ON tree
WHEN NEW.position IS NOT (SELECT coalesce(max(position) + 1, 0) FROM tree) BEGIN
    SELECT RAISE(ABORT, 'hashes of the tree are numbered without gaps');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoints_grow BEFORE INSERT ON checkpoints
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM checkpoints) OR NEW.size < (SELECT coalesce(max(size), 0) FROM checkpoints) BEGIN
    SELECT RAISE(ABORT, 'checkpoints are numbered without gaps and never shrink');
END;
-- +goose StatementEnd
