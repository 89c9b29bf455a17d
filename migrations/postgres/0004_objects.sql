-- Names that objects had before they were renamed or merged into another, for PostgreSQL. The file of the same name in
-- ../sqlite says the same for SQLite; change both.
--
-- A former name leads to its object for as long as no other object takes it, so that links, saved queries and programs
-- that still use it go on working. The names of `objects` always come first.

CREATE TABLE former_names (
    name   TEXT PRIMARY KEY CHECK (name <> ''),
    object BIGINT NOT NULL REFERENCES objects (id) ON DELETE CASCADE
);
CREATE INDEX former_names_object ON former_names (object);
