-- What people have made of the annotation editor, for SQLite. The file of the same name in ../postgres says the same for
-- PostgreSQL; change both.

-- One row per setting, so that of two browsers each can change another one.
CREATE TABLE editor_settings (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- A field of the model's `EditorSettings`.
    field   TEXT NOT NULL,
    -- Its value as JSON.
    value   TEXT NOT NULL,
    PRIMARY KEY (user_id, field)
);
