-- Annotating picture after picture, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL;
-- change both.

-- Small changes of a picture's regions that came with a name, so that one which is sent again, because its answer got
-- lost, is answered as before and changes nothing. Rows are useless once nobody sends theirs again.
CREATE TABLE applied_deltas (
    picture    INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    -- Given by whoever sends it.
    id         TEXT NOT NULL,
    author     INTEGER NOT NULL REFERENCES users (id),
    -- BLAKE3 of what was sent.
    body_hash  TEXT NOT NULL,
    -- The answer: the state that it led to, and as JSON a list with id and object of each region that was put, and null
    -- for each that was deleted. The shapes are those that are sent again.
    revision   INTEGER NOT NULL,
    regions    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (picture, id)
) WITHOUT ROWID;
CREATE INDEX applied_deltas_created_at ON applied_deltas (created_at);

-- What people say of the work on a picture.
CREATE TABLE picture_marks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    picture    INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    author     INTEGER NOT NULL REFERENCES users (id),
    state      TEXT NOT NULL CHECK (state IN ('done', 'skipped', 'needs_review')),
    comment    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- When another one took its place or it was taken back; NULL for the one that counts.
    ended_at   INTEGER,
    -- Who did that.
    ended_by   INTEGER REFERENCES users (id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX picture_marks_now ON picture_marks (picture) WHERE ended_at IS NULL;
CREATE INDEX picture_marks_picture ON picture_marks (picture, id);

-- How many bytes the shapes of a picture's regions take as text. Small changes add up, so that no request bounds it.
ALTER TABLE pictures ADD COLUMN region_bytes INTEGER NOT NULL DEFAULT 0 CHECK (region_bytes >= 0);
UPDATE pictures SET region_bytes =
    (SELECT COALESCE(SUM(OCTET_LENGTH(shape)), 0) FROM regions WHERE regions.picture = pictures.id);
