-- +goose Up

-- What somebody outside said about a checkpoint: the signature line of a
-- witness, or an RFC 3161 time-stamp token.
CREATE TABLE vouchers (
    checkpoint INTEGER NOT NULL REFERENCES checkpoints (id),
    kind       TEXT NOT NULL CHECK (kind IN ('witness', 'timestamp')),
    source     TEXT NOT NULL, -- the witness's name, or the authority's address
    wall_ms    INTEGER NOT NULL,
    content    BLOB NOT NULL,
    PRIMARY KEY (checkpoint, kind, source)
) STRICT, WITHOUT ROWID;
