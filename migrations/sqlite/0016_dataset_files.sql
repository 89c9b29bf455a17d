-- Files of datasets, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.

-- The commit that dataset_files describes; NULL before the first one. Git has the history, and this is an index over it.
ALTER TABLE datasets ADD COLUMN head TEXT;

-- The bytes that commits of a dataset may mention, and by its MD5 whoever may see the dataset gets them. They stay as long as it does.
CREATE TABLE dataset_blobs (
    dataset INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    md5     TEXT NOT NULL CHECK (length(md5) = 32),
    blob    TEXT NOT NULL REFERENCES blobs (hash),
    -- Of a picture, as a person sees it; NULL where the bytes are none.
    width   INTEGER,
    height  INTEGER,
    PRIMARY KEY (dataset, md5)
) WITHOUT ROWID;
CREATE INDEX dataset_blobs_blob ON dataset_blobs (blob);

-- The files of the newest commit.
CREATE TABLE dataset_files (
    dataset INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    path    TEXT NOT NULL,
    md5     TEXT NOT NULL,
    size    INTEGER NOT NULL CHECK (size >= 0),
    -- NULL for files that are no pictures.
    picture INTEGER UNIQUE REFERENCES pictures (id) ON DELETE SET NULL,
    PRIMARY KEY (dataset, path),
    FOREIGN KEY (dataset, md5) REFERENCES dataset_blobs (dataset, md5)
) WITHOUT ROWID;
CREATE INDEX dataset_files_md5 ON dataset_files (dataset, md5);
