-- Additional fields of pictures, and whom to name as a picture's author, for SQLite. The file of the same name in ../postgres says the same
-- for PostgreSQL; change both.

-- Instead of who posted it; NULL where that is the author.
ALTER TABLE pictures ADD COLUMN attribution TEXT;

CREATE TABLE picture_fields (
    picture INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    -- The name without regard to case: no picture has two such fields.
    key     TEXT NOT NULL,
    name    TEXT NOT NULL,
    -- text, number, time or place.
    kind    TEXT NOT NULL,
    -- What it says, as exports write it.
    value   TEXT NOT NULL,
    -- The same without regard to case.
    folded  TEXT NOT NULL,
    -- The beginning of that, which an index can hold however long the text is.
    start   TEXT NOT NULL,
    -- What can be compared by size: a number, or of a time the Unix seconds; otherwise NULL.
    number  DOUBLE PRECISION,
    PRIMARY KEY (picture, key)
) WITHOUT ROWID;

CREATE INDEX picture_fields_start ON picture_fields (key, start, picture);
CREATE INDEX picture_fields_number ON picture_fields (key, kind, number, picture) WHERE number IS NOT NULL;
