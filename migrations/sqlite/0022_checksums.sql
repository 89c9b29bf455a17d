-- What archives and uploads need to know, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.

-- CRC-32, which stands in ZIP archives before a file's bytes. NULL for files that came before this column.
ALTER TABLE blobs ADD COLUMN crc32 INTEGER;
-- What whoever brings a file said of it, word for word as the protocol has it.
ALTER TABLE uploads ADD COLUMN metadata TEXT NOT NULL DEFAULT '';
