-- Datasets and the namespaces that they are in, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL;
-- change both.

-- What stands before a dataset's name in its address. Every account has one of its own that is called like the account, also after
-- the account was closed; groups have the others. One list of names for both, so that an address means one thing.
CREATE TABLE namespaces (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    -- Whose own it is; NULL for that of a group.
    user_id    INTEGER UNIQUE REFERENCES users (id),
    -- Who may see it, and the most that may see any of its datasets.
    visibility TEXT NOT NULL CHECK (visibility IN ('private', 'internal', 'public')),
    created_at INTEGER NOT NULL
);

CREATE TABLE namespace_members (
    namespace INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role      TEXT NOT NULL CHECK (role IN ('reader', 'annotator', 'writer', 'maintainer', 'owner')),
    PRIMARY KEY (namespace, user_id)
) WITHOUT ROWID;
CREATE INDEX namespace_members_user_id ON namespace_members (user_id, namespace, role);

INSERT INTO namespaces (name, user_id, visibility, created_at)
    SELECT username, id, CASE WHEN closed_at IS NULL THEN 'public' ELSE 'private' END, joined FROM users ORDER BY id;
INSERT INTO namespace_members (namespace, user_id, role)
    SELECT namespaces.id, users.id, 'owner' FROM namespaces JOIN users ON users.id = namespaces.user_id
    WHERE users.closed_at IS NULL;

-- Named, versioned collections.
CREATE TABLE datasets (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace          INTEGER NOT NULL REFERENCES namespaces (id),
    name               TEXT NOT NULL,
    description        TEXT NOT NULL,
    -- Derived from `description`.
    description_folded TEXT NOT NULL,
    -- Never more than its namespace's.
    visibility         TEXT NOT NULL CHECK (visibility IN ('private', 'internal', 'public')),
    created_at         INTEGER NOT NULL,
    UNIQUE (namespace, name)
);
CREATE INDEX datasets_visibility ON datasets (visibility, id);

-- Roles in one dataset, beside those in its namespace: of two the higher one counts.
CREATE TABLE dataset_members (
    dataset INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL CHECK (role IN ('reader', 'annotator', 'writer', 'maintainer', 'owner')),
    PRIMARY KEY (dataset, user_id)
) WITHOUT ROWID;
CREATE INDEX dataset_members_user_id ON dataset_members (user_id, dataset, role);

CREATE TABLE dataset_tags (
    dataset INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    -- After Unicode case folding.
    tag     TEXT NOT NULL,
    PRIMARY KEY (dataset, tag)
) WITHOUT ROWID;
CREATE INDEX dataset_tags_tag ON dataset_tags (tag, dataset);

-- NULL for pictures of the commons, which everybody may see.
ALTER TABLE pictures ADD COLUMN dataset INTEGER REFERENCES datasets (id);
