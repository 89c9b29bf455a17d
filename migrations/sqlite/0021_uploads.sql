-- Files that come in parts, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.

CREATE TABLE uploads (
    -- Random, and the name of the file with what has come.
    id         TEXT PRIMARY KEY,
    dataset    INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Where the file is to be, as whoever brings it said at the beginning.
    path       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    -- Of all bytes, once these are known to the dataset.
    md5        TEXT,
    -- When something last came.
    touched_at INTEGER NOT NULL
);
CREATE INDEX uploads_user ON uploads (user_id);
CREATE INDEX uploads_dataset ON uploads (dataset);
CREATE INDEX uploads_touched ON uploads (touched_at);
