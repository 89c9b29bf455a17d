-- What PostgreSQL remembers of values, by which searches decide from where they begin (src/server/search/estimates.rs). SQLite
-- counts for itself: the file of the same name there does nothing.

-- So many objects, authors and beginnings of origins are told apart from the rest; of fewer, rare ones look ten times as frequent.
ALTER TABLE picture_objects ALTER COLUMN object SET STATISTICS 1000;
ALTER TABLE pictures ALTER COLUMN author SET STATISTICS 1000;
ALTER TABLE pictures ALTER COLUMN origin_start SET STATISTICS 1000;
