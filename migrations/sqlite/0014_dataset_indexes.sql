-- The indexes of pictures have the dataset, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL;
-- change both.

-- Partial, so that no search for what everybody may see is ever served from it: nearly all pictures may be of the commons.
CREATE INDEX pictures_dataset ON pictures (dataset, id) WHERE dataset IS NOT NULL;

-- Who may see a picture is asked of every one that is walked past, so that the indexes by which one walks have its dataset.
DROP INDEX pictures_by_date;
DROP INDEX pictures_by_title;
DROP INDEX pictures_by_region_count;
DROP INDEX pictures_by_bucket;
DROP INDEX pictures_author;
DROP INDEX pictures_blob;
CREATE INDEX pictures_by_date ON pictures
    (created_at, id, replaced_by, dataset, region_count, author, nature, width, height, rating_sum, rating_count, title_folded);
CREATE INDEX pictures_by_title ON pictures
    (title_folded, id, replaced_by, dataset, created_at, region_count, author, nature, width, height, rating_sum, rating_count);
CREATE INDEX pictures_by_region_count ON pictures
    (region_count, id, replaced_by, dataset, created_at, author, nature, width, height, rating_sum, rating_count, title_folded);
CREATE INDEX pictures_by_bucket ON pictures
    (id % 4091, id, replaced_by, dataset, region_count, created_at, author, nature, width, height, rating_sum, rating_count,
     title_folded);
CREATE INDEX pictures_author ON pictures (author, created_at, id, dataset);
CREATE INDEX pictures_blob ON pictures (blob, dataset);
