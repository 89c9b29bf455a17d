-- Saved queries keep the order of their pictures, for PostgreSQL. The file of the same name in ../sqlite says the same for SQLite;
-- change both.

-- As the API names it.
ALTER TABLE saved_queries ADD COLUMN ordering TEXT NOT NULL DEFAULT 'date-desc';
