-- Folders of datasets, for PostgreSQL. The file of the same name in ../sqlite says the same for SQLite; change both.

-- The path without the name: empty, or ending with a slash.
ALTER TABLE dataset_files ADD COLUMN folder TEXT COLLATE "C" GENERATED ALWAYS AS (regexp_replace(path, '[^/]*$', '')) STORED;
-- Lists a folder, and counts what is in it and below without a look at the table.
CREATE INDEX dataset_files_folder ON dataset_files (dataset, folder, path) INCLUDE (size);
