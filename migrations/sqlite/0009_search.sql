-- Whoever walks through the pictures in order finds what most rules test in the index, for SQLite. The file of the same name in
-- ../postgres says the same for PostgreSQL; change both.

-- `replaced_by` is always NULL there; only an index that has every column which a statement names saves reading the rows.
DROP INDEX pictures_current_by_date;
DROP INDEX pictures_current_by_title;
DROP INDEX pictures_current_by_region_count;
CREATE INDEX pictures_current_by_date ON pictures
    (created_at, id, region_count, author, nature, width, height, rating_sum, rating_count, title_folded, replaced_by)
    WHERE replaced_by IS NULL;
CREATE INDEX pictures_current_by_title ON pictures
    (title_folded, id, created_at, region_count, author, nature, width, height, rating_sum, rating_count, replaced_by)
    WHERE replaced_by IS NULL;
CREATE INDEX pictures_current_by_region_count ON pictures
    (region_count, id, created_at, author, nature, width, height, rating_sum, rating_count, title_folded, replaced_by)
    WHERE replaced_by IS NULL;

-- The buckets of a shuffle (see the program's `Shuffle`): the first of them in any order have the first page.
CREATE INDEX pictures_by_bucket ON pictures
    (id % 4091, id, region_count, created_at, author, nature, width, height, rating_sum, rating_count, title_folded, replaced_by);

-- Pictures from one place: their addresses begin alike.
CREATE INDEX pictures_origin ON pictures (origin_key) WHERE origin_key IS NOT NULL;
