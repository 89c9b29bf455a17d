-- Names that objects had before they were renamed or merged into another, for SQLite. The file of the same name in
-- ../postgres says the same for PostgreSQL; change both.
--
-- A former name leads to its object for as long as no other object takes it, so that links, saved queries and programs
-- that still use it go on working. The names of `objects` always come first.

CREATE TABLE former_names (
    name   TEXT PRIMARY KEY CHECK (name <> ''),
    object INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX former_names_object ON former_names (object);
