-- Searches for where pictures come from find all that most rules test in the index, for PostgreSQL. The file of the same name in
-- ../sqlite says the same for SQLite; change both.

-- Derived from `origin_key` by the database: an entry of an index has no room for the longest addresses, and no index on an
-- expression saves reading the rows. The table is written anew, which shuts everybody out: for a quarter of a minute where it has a
-- million pictures.
ALTER TABLE pictures ADD COLUMN origin_start TEXT COLLATE "C" GENERATED ALWAYS AS (left(origin_key, 100)) STORED;
DROP INDEX pictures_origin;
CREATE INDEX pictures_origin ON pictures (origin_start, id)
    INCLUDE (created_at, replaced_by, dataset, region_count, author, nature, width, height, rating_sum, rating_count, title_folded)
    WHERE origin_start IS NOT NULL;
