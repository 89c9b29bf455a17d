-- Folders of datasets, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.

-- The path without the name: empty, or ending with a slash. What is left when all characters but slashes are taken from the end.
ALTER TABLE dataset_files ADD COLUMN folder TEXT GENERATED ALWAYS AS (rtrim(path, replace(path, '/', ''))) VIRTUAL;
-- Lists a folder, and counts what is in it and below without a look at the table.
CREATE INDEX dataset_files_folder ON dataset_files (dataset, folder, path, size);
