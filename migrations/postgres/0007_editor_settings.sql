-- What people have made of the annotation editor, for PostgreSQL. The file of the same name in ../sqlite says the same for
-- SQLite; change both.

-- One row per setting, so that of two browsers each can change another one.
CREATE TABLE editor_settings (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- A field of the model's `EditorSettings`.
    field   TEXT NOT NULL,
    -- Its value as JSON.
    value   TEXT NOT NULL,
    PRIMARY KEY (user_id, field)
);
