-- +goose Up

-- Templates may be made of profile pictures too; SQLite changes a check by
-- making the table anew.
CREATE TABLE face_templates_new (
    id          TEXT PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES entries (seq),
    interview   TEXT NOT NULL,
    participant TEXT NOT NULL,
    origin      TEXT NOT NULL CHECK (origin IN ('enrolled', 'document', 'picture')),
    model       TEXT NOT NULL,
    frames      INTEGER NOT NULL,
    still       TEXT NOT NULL
) STRICT;
INSERT INTO face_templates_new (id, seq, interview, participant, origin, model, frames, still)
    SELECT id, seq, interview, participant, origin, model, frames, still FROM face_templates;
DROP TABLE face_templates;
ALTER TABLE face_templates_new RENAME TO face_templates;
CREATE INDEX face_templates_interview ON face_templates (interview);

-- Profile pictures go and stay with the other pictures: every policy that is
-- about stills is about them too.
UPDATE policies SET parts = json_insert(parts, '$[#]', 'picture')
    WHERE EXISTS (SELECT 1 FROM json_each(policies.parts) WHERE value = 'stills')
    AND NOT EXISTS (SELECT 1 FROM json_each(policies.parts) WHERE value = 'picture');
