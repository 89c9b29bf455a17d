-- Saved queries keep the order of their pictures, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL;
-- change both.

-- As the API names it.
ALTER TABLE saved_queries ADD COLUMN ordering TEXT NOT NULL DEFAULT 'date-desc';
