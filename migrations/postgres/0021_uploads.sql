-- Files that come in parts, for PostgreSQL. The file of the same name in ../sqlite says the same for SQLite; change both.

CREATE TABLE uploads (
    -- Random, and the name of the file with what has come.
    id         TEXT PRIMARY KEY,
    dataset    BIGINT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Where the file is to be, as whoever brings it said at the beginning.
    path       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    -- Of all bytes, once these are known to the dataset.
    md5        TEXT,
    -- When something last came.
    touched_at BIGINT NOT NULL
);
CREATE INDEX uploads_user ON uploads (user_id);
CREATE INDEX uploads_dataset ON uploads (dataset);
CREATE INDEX uploads_touched ON uploads (touched_at);
