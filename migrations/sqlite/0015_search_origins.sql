-- Searches for where pictures come from find all that most rules test in the index, for SQLite. The file of the same name in
-- ../postgres says the same for PostgreSQL; change both.

DROP INDEX pictures_origin;
CREATE INDEX pictures_origin ON pictures
    (origin_key, id, created_at, replaced_by, dataset, region_count, author, nature, width, height, rating_sum, rating_count,
     title_folded)
    WHERE origin_key IS NOT NULL;
