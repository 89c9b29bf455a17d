-- The tables of Ocellus, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.
--
-- Conventions:
--   * Times are Unix seconds. Ids are never used twice, since they stand in addresses that people keep.
--   * A column that refers to a row of another table has that table's name in the singular (`picture`, `object`), or
--     the role that the row plays (`author`, `owner`). `user` is a reserved word in SQL, hence `user_id`.
--   * `…_folded` columns hold the text after Unicode case folding, computed by the program: SQLite folds ASCII only.
--   * Derived columns and tables are marked "derived". They change in the same transaction as what they are derived
--     from, and `ocellus check` can recompute them all.

-- ---------------------------------------------------------------------------------------------------------- People --

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Lower-case ASCII, so that comparing bytes is enough.
    username      TEXT NOT NULL UNIQUE CHECK (length(username) BETWEEN 2 AND 32),
    -- Argon2id, in the PHC string format.
    password_hash TEXT NOT NULL,
    admin         BOOLEAN NOT NULL DEFAULT FALSE,
    joined        INTEGER NOT NULL
);

-- What the browser's cookie stands for.
CREATE TABLE sessions (
    -- BLAKE3 of the session's id: whoever reads this table cannot take over a session.
    id_hash    TEXT PRIMARY KEY,
    -- A JSON dictionary.
    data       TEXT NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- Secrets that open one page once: the first account, a forgotten password.
CREATE TABLE one_time_links (
    token_hash TEXT PRIMARY KEY,
    -- What the link is good for. A link for one purpose never serves another.
    purpose    TEXT NOT NULL,
    -- Whose link it is; NULL where there is no account yet.
    user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
);

-- Secrets with which programs act for a user.
CREATE TABLE api_tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    token_hash   TEXT NOT NULL UNIQUE,
    scope        TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER
);
CREATE INDEX api_tokens_user_id ON api_tokens (user_id);

-- Answered questions of the registration form, so that no answer counts twice. Rows are useless once expired.
CREATE TABLE used_challenges (
    nonce      TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
);

-- Values that every server of the site must agree on, such as the key that signs the registration form's questions.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Rows that exist to be locked: `object-graph` is held while the graph of objects changes, so that two changes which
-- are harmless one by one cannot close a cycle together.
CREATE TABLE locks (
    name TEXT PRIMARY KEY
);
INSERT INTO locks (name) VALUES ('object-graph');

-- -------------------------------------------------------------------------------------------------- Reference data --

CREATE TABLE natures (
    id          TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    -- Place in lists.
    position    INTEGER NOT NULL
);

CREATE TABLE licences (
    -- The SPDX identifier where one exists, otherwise a word that starts with `X-`.
    id           TEXT PRIMARY KEY,
    title        TEXT NOT NULL,
    description  TEXT NOT NULL,
    info_url     TEXT,
    legalese_url TEXT,
    -- Whether it grants the Four Freedoms.
    free         BOOLEAN NOT NULL,
    -- Whether forms offer it first.
    pinned       BOOLEAN NOT NULL,
    logo_url     TEXT,
    -- Place in lists.
    position     INTEGER NOT NULL
);

-- --------------------------------------------------------------------------------------------------------- Objects --

-- Kinds of things that regions show: the nodes of a directed acyclic graph.
CREATE TABLE objects (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The identity outside of the database. Case is kept, but two names must differ in more than case.
    name        TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    author      INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at  INTEGER NOT NULL
);
CREATE INDEX objects_name ON objects (name);

-- The edges of the graph.
CREATE TABLE object_parents (
    child  INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    parent INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    PRIMARY KEY (child, parent),
    CHECK (child <> parent)
) WITHOUT ROWID;
CREATE INDEX object_parents_parent ON object_parents (parent, child);

-- Derived: every pair of which one can be reached from the other along edges, and every object with itself.
CREATE TABLE object_closure (
    ancestor   INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    descendant INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    PRIMARY KEY (ancestor, descendant)
) WITHOUT ROWID;
CREATE INDEX object_closure_descendant ON object_closure (descendant, ancestor);

-- -------------------------------------------------------------------------------------------------------- Pictures --

-- Files, named by their content. A row is written after the bytes are safe, and never changes.
CREATE TABLE blobs (
    -- BLAKE3, in hexadecimal digits.
    hash       TEXT PRIMARY KEY CHECK (length(hash) = 64),
    sha256     TEXT NOT NULL,
    md5        TEXT NOT NULL,
    size       INTEGER NOT NULL CHECK (size >= 0),
    media_type TEXT NOT NULL,
    -- File name extension for the media type, without the dot.
    extension  TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX blobs_sha256 ON blobs (sha256);

CREATE TABLE pictures (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    blob               TEXT NOT NULL REFERENCES blobs (hash),
    title              TEXT NOT NULL,
    description        TEXT NOT NULL,
    author             INTEGER NOT NULL REFERENCES users (id),
    origin_url         TEXT,
    created_at         INTEGER NOT NULL,
    -- As a person sees the picture: orientation applied.
    width              INTEGER NOT NULL CHECK (width > 0),
    height             INTEGER NOT NULL CHECK (height > 0),
    media_type         TEXT NOT NULL,
    nature             TEXT NOT NULL REFERENCES natures (id),
    -- A picture has at most one replacement, so that no two may replace the same. The two columns mirror each other.
    replaces           INTEGER UNIQUE REFERENCES pictures (id) ON DELETE SET NULL,
    replaced_by        INTEGER REFERENCES pictures (id) ON DELETE SET NULL,
    copied_from        INTEGER REFERENCES pictures (id) ON DELETE SET NULL,
    -- Number of the newest state of the regions; 0 while nobody has saved any.
    revision           INTEGER NOT NULL DEFAULT 0 CHECK (revision >= 0),
    -- Derived from `regions` and `ratings`.
    region_count       INTEGER NOT NULL DEFAULT 0 CHECK (region_count >= 0),
    rating_sum         INTEGER NOT NULL DEFAULT 0 CHECK (rating_sum >= rating_count),
    rating_count       INTEGER NOT NULL DEFAULT 0 CHECK (rating_count >= 0),
    -- Derived from `title`, `description` and `origin_url`; `origin_key` is the address without its scheme, folded.
    title_folded       TEXT NOT NULL,
    description_folded TEXT NOT NULL,
    origin_key         TEXT,
    CHECK (replaces <> id AND replaced_by <> id)
);
-- Partial, so that no search for the many pictures without a replacement is ever served from it: SQLite takes every
-- unique index for a way to find one row.
CREATE UNIQUE INDEX pictures_replaced_by_key ON pictures (replaced_by) WHERE replaced_by IS NOT NULL;
-- Every ordering, over all pictures and over those that are not obsolete. Ties are broken by the id, so that a page
-- can begin after any picture (keyset pagination). Read backwards, the same index serves the opposite order.
CREATE INDEX pictures_by_date ON pictures (created_at, id);
CREATE INDEX pictures_by_title ON pictures (title_folded, id);
CREATE INDEX pictures_by_region_count ON pictures (region_count, id);
CREATE INDEX pictures_current_by_date ON pictures (created_at, id) WHERE replaced_by IS NULL;
CREATE INDEX pictures_current_by_title ON pictures (title_folded, id) WHERE replaced_by IS NULL;
CREATE INDEX pictures_current_by_region_count ON pictures (region_count, id) WHERE replaced_by IS NULL;
-- Rules of the query language that pick few pictures, and the rows that refer to a picture or a blob.
CREATE INDEX pictures_author ON pictures (author, created_at, id);
CREATE INDEX pictures_nature ON pictures (nature, created_at, id);
CREATE INDEX pictures_copied_from ON pictures (copied_from) WHERE copied_from IS NOT NULL;
CREATE INDEX pictures_blob ON pictures (blob);

CREATE TABLE picture_licences (
    picture INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    licence TEXT NOT NULL REFERENCES licences (id),
    PRIMARY KEY (picture, licence)
) WITHOUT ROWID;
CREATE INDEX picture_licences_licence ON picture_licences (licence, picture);

-- --------------------------------------------------------------------------------------------------------- Regions --

-- The regions that a picture has now.
CREATE TABLE regions (
    -- Kept for as long as the region lives, and given back to it when an old state is made the newest again.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    picture    INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    -- Drawing order. Gaps are normal: they let a region come between two others without moving the rest.
    position   INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('bbox', 'polygon', 'polyline', 'point')),
    -- The value of `shape` in the API, as JSON text: numbers come back exactly as they were sent.
    shape      TEXT NOT NULL,
    -- Derived from `shape`: the smallest upright rectangle around it.
    x          REAL NOT NULL,
    y          REAL NOT NULL,
    w          REAL NOT NULL,
    h          REAL NOT NULL,
    object     INTEGER NOT NULL REFERENCES objects (id),
    -- Who gave the region its present form, and in which state of the picture.
    author     INTEGER NOT NULL REFERENCES users (id),
    since      INTEGER NOT NULL CHECK (since > 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX regions_picture ON regions (picture, position);
CREATE INDEX regions_object ON regions (object);

-- Forms that regions had before they were changed or removed. A region's form is stored once, however many states of
-- the picture it lasted: the state `r` is what is here with since <= r <= until, and what `regions` has with since <= r.
CREATE TABLE past_regions (
    picture  INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    region   INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    shape    TEXT NOT NULL,
    object   INTEGER NOT NULL REFERENCES objects (id),
    author   INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (picture, region, since),
    CHECK (since <= until)
) WITHOUT ROWID;
CREATE INDEX past_regions_until ON past_regions (picture, until);
CREATE INDEX past_regions_object ON past_regions (object);

-- Who saved which state of a picture's regions when, and how it differs from the state before.
CREATE TABLE picture_revisions (
    picture    INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    revision   INTEGER NOT NULL CHECK (revision > 0),
    author     INTEGER NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    added      INTEGER NOT NULL,
    changed    INTEGER NOT NULL,
    removed    INTEGER NOT NULL,
    PRIMARY KEY (picture, revision)
) WITHOUT ROWID;

-- Derived from `regions`: which picture shows which object, and how often. This is what queries read.
CREATE TABLE picture_objects (
    object  INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    picture INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    count   INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (object, picture)
) WITHOUT ROWID;
CREATE INDEX picture_objects_picture ON picture_objects (picture, object);

-- ------------------------------------------------------------------------------------------- Opinions and selections --

CREATE TABLE ratings (
    picture    INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    rating     INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (picture, user_id)
) WITHOUT ROWID;
CREATE INDEX ratings_user_id ON ratings (user_id);

CREATE TABLE galleries (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    owner       INTEGER NOT NULL REFERENCES users (id),
    created_at  INTEGER NOT NULL
);
CREATE INDEX galleries_owner ON galleries (owner);

CREATE TABLE gallery_pictures (
    gallery  INTEGER NOT NULL REFERENCES galleries (id) ON DELETE CASCADE,
    picture  INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (gallery, picture)
) WITHOUT ROWID;
CREATE INDEX gallery_pictures_picture ON gallery_pictures (picture, gallery);

-- Who else than the owner may add and remove pictures.
CREATE TABLE gallery_users (
    gallery INTEGER NOT NULL REFERENCES galleries (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (gallery, user_id)
) WITHOUT ROWID;
CREATE INDEX gallery_users_user_id ON gallery_users (user_id);

CREATE TABLE saved_queries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    owner      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title      TEXT NOT NULL,
    -- The query's text, as it was written.
    query      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX saved_queries_owner ON saved_queries (owner);

-- Datasets will come as tables of their own that name blobs and pictures; nothing above has to change for them, since
-- what a viewer may see is decided in one place of the program (store/access.rs).
