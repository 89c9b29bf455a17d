-- The indexes of pictures have the dataset, for PostgreSQL. The file of the same name in ../sqlite says the same for SQLite;
-- change both.
-- Apart from 0013, since adding a column shuts out everybody who reads, until the end of the transaction that every file is.

CREATE INDEX pictures_dataset ON pictures (dataset, id) WHERE dataset IS NOT NULL;

-- Who may see a picture is asked of every one that is walked past, so that the indexes by which one walks have its dataset. Reading
-- goes on while they are built, and writing waits; only at the end, where the old ones go, reading waits for a moment.
CREATE INDEX new_pictures_by_date ON pictures (created_at, id)
    INCLUDE (replaced_by, dataset, region_count, author, nature, width, height, rating_sum, rating_count, title_folded);
CREATE INDEX new_pictures_by_title ON pictures (title_folded, id)
    INCLUDE (replaced_by, dataset, created_at, region_count, author, nature, width, height, rating_sum, rating_count);
CREATE INDEX new_pictures_by_region_count ON pictures (region_count, id)
    INCLUDE (replaced_by, dataset, created_at, author, nature, width, height, rating_sum, rating_count, title_folded);
CREATE INDEX new_pictures_by_bucket ON pictures ((id % 4091), id)
    INCLUDE (replaced_by, dataset, region_count, created_at, author, nature, width, height, rating_sum, rating_count, title_folded);
CREATE INDEX new_pictures_author ON pictures (author, created_at, id) INCLUDE (dataset);
CREATE INDEX new_pictures_blob ON pictures (blob, dataset);
DROP INDEX pictures_by_date;
DROP INDEX pictures_by_title;
DROP INDEX pictures_by_region_count;
DROP INDEX pictures_by_bucket;
DROP INDEX pictures_author;
DROP INDEX pictures_blob;
ALTER INDEX new_pictures_by_date RENAME TO pictures_by_date;
ALTER INDEX new_pictures_by_title RENAME TO pictures_by_title;
ALTER INDEX new_pictures_by_region_count RENAME TO pictures_by_region_count;
ALTER INDEX new_pictures_by_bucket RENAME TO pictures_by_bucket;
ALTER INDEX new_pictures_author RENAME TO pictures_author;
ALTER INDEX new_pictures_blob RENAME TO pictures_blob;
