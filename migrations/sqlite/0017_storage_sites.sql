-- Storage sites, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.

-- Places beside the site's own folder where bytes of datasets live.
CREATE TABLE storage_sites (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    name               TEXT NOT NULL UNIQUE,
    description        TEXT NOT NULL,
    -- Derived from `description`.
    description_folded TEXT NOT NULL,
    kind               TEXT NOT NULL CHECK (kind IN ('folder', 's3')),
    -- Where it is, as a JSON dictionary without anything secret. It never changes.
    place              TEXT NOT NULL,
    -- What is in the folder or bucket below this belongs to the site, and nothing else there does.
    base               TEXT NOT NULL UNIQUE,
    -- How the site shows who it is, encrypted; NULL for folders.
    credentials        TEXT,
    -- Changes with the credentials, so that no server goes on with older ones.
    revision           INTEGER NOT NULL DEFAULT 1,
    -- Who may see it, and read what visible datasets have there; beside those who have been granted more.
    visibility         TEXT NOT NULL CHECK (visibility IN ('private', 'internal', 'public')),
    created_at         INTEGER NOT NULL
);

-- What the members of a namespace may do with a site, each as far as their role there goes.
CREATE TABLE storage_site_grants (
    site      INTEGER NOT NULL REFERENCES storage_sites (id) ON DELETE CASCADE,
    namespace INTEGER NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    access    TEXT NOT NULL CHECK (access IN ('read', 'use', 'manage')),
    PRIMARY KEY (site, namespace)
) WITHOUT ROWID;
CREATE INDEX storage_site_grants_namespace ON storage_site_grants (namespace, site);

-- NULL for datasets whose bytes are in the site's own folder. Fixed with the first bytes.
ALTER TABLE datasets ADD COLUMN storage_site INTEGER REFERENCES storage_sites (id);
CREATE INDEX datasets_storage_site ON datasets (storage_site);

-- Whether the bytes are in the site's own folder.
ALTER TABLE blobs ADD COLUMN here BOOLEAN NOT NULL DEFAULT TRUE;

-- Which sites have which bytes.
CREATE TABLE blob_sites (
    blob   TEXT NOT NULL REFERENCES blobs (hash) ON DELETE CASCADE,
    site   INTEGER NOT NULL REFERENCES storage_sites (id) ON DELETE CASCADE,
    -- What they are called there, below the site's base. No name is ever used twice.
    object TEXT NOT NULL,
    PRIMARY KEY (blob, site)
) WITHOUT ROWID;
CREATE INDEX blob_sites_site ON blob_sites (site, object);
