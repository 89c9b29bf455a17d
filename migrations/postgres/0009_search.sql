-- Whoever walks through the pictures in order finds what most rules test in the index, for PostgreSQL. The file of the same name
-- in ../sqlite says the same for SQLite; change both.

DROP INDEX pictures_current_by_date;
DROP INDEX pictures_current_by_title;
DROP INDEX pictures_current_by_region_count;
CREATE INDEX pictures_current_by_date ON pictures (created_at, id)
    INCLUDE (region_count, author, nature, width, height, rating_sum, rating_count, title_folded) WHERE replaced_by IS NULL;
CREATE INDEX pictures_current_by_title ON pictures (title_folded, id)
    INCLUDE (created_at, region_count, author, nature, width, height, rating_sum, rating_count) WHERE replaced_by IS NULL;
CREATE INDEX pictures_current_by_region_count ON pictures (region_count, id)
    INCLUDE (created_at, author, nature, width, height, rating_sum, rating_count, title_folded) WHERE replaced_by IS NULL;

-- The buckets of a shuffle (see the program's `Shuffle`): the first of them in any order have the first page.
CREATE INDEX pictures_by_bucket ON pictures ((id % 4091), id)
    INCLUDE (region_count, created_at, author, nature, width, height, rating_sum, rating_count, title_folded, replaced_by);

-- Pictures from one place: their addresses begin alike. An entry of an index has no room for the longest addresses.
CREATE INDEX pictures_origin ON pictures (left(origin_key, 500) text_pattern_ops) WHERE origin_key IS NOT NULL;
