-- Saved queries can be shown to everybody, for PostgreSQL. The file of the same name in ../sqlite says the same for SQLite; change
-- both.

-- Whether everybody may see it; otherwise only its owner.
ALTER TABLE saved_queries ADD COLUMN public BOOLEAN NOT NULL DEFAULT FALSE;

-- A person's queries are told apart by their titles.
CREATE UNIQUE INDEX saved_queries_owner_title ON saved_queries (owner, title);
DROP INDEX saved_queries_owner;
CREATE INDEX saved_queries_public ON saved_queries (updated_at, id) WHERE public;
