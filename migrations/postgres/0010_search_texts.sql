-- Searches for texts find their pictures by trigrams, and obsolete pictures are walked through as quickly as others, for PostgreSQL.
-- The file of the same name in ../sqlite says the same for SQLite; change both.

-- Which pictures have which three characters, side by side, in their title and in their description. Where the extension is
-- not there, or this user may not bring it, such searches read every picture.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX pictures_title_text ON pictures USING gin (title_folded gin_trgm_ops);
    CREATE INDEX pictures_description_text ON pictures USING gin (description_folded gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
    RAISE WARNING 'texts are searched without an index: %', SQLERRM;
END $$;

-- One index for each order has all that most rules test, of current and of obsolete pictures: nearly all are current.
DROP INDEX pictures_current_by_date;
DROP INDEX pictures_current_by_title;
DROP INDEX pictures_current_by_region_count;
DROP INDEX pictures_by_date;
DROP INDEX pictures_by_title;
DROP INDEX pictures_by_region_count;
CREATE INDEX pictures_by_date ON pictures (created_at, id)
    INCLUDE (replaced_by, region_count, author, nature, width, height, rating_sum, rating_count, title_folded);
CREATE INDEX pictures_by_title ON pictures (title_folded, id)
    INCLUDE (replaced_by, created_at, region_count, author, nature, width, height, rating_sum, rating_count);
CREATE INDEX pictures_by_region_count ON pictures (region_count, id)
    INCLUDE (replaced_by, created_at, author, nature, width, height, rating_sum, rating_count, title_folded);
