-- The life of accounts and what administrators do, for SQLite. The file of the same name in ../postgres says the same for
-- PostgreSQL; change both.

-- Accounts that may not sign in for the time being, or are gone. What somebody drew or wrote stays theirs: the row of a
-- closed account keeps it together, under the name that was chosen when it was closed.
ALTER TABLE users ADD COLUMN suspended_at INTEGER;
ALTER TABLE users ADD COLUMN closed_at INTEGER;
-- Whom attribution lines name instead of the username; NULL for the username.
ALTER TABLE users ADD COLUMN attribution TEXT;

-- Whose session it is, and what helps them to recognise it. NULL before anybody has signed in with it.
ALTER TABLE sessions ADD COLUMN user_id INTEGER REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE sessions ADD COLUMN started_at INTEGER;
ALTER TABLE sessions ADD COLUMN seen_at INTEGER;
-- The browser and system in a few words.
ALTER TABLE sessions ADD COLUMN client TEXT;
CREATE INDEX sessions_user_id ON sessions (user_id);

ALTER TABLE api_tokens ADD COLUMN last_used_at INTEGER;

-- What administrators did, never changed and never removed.
CREATE TABLE audit_log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    -- NULL where the command line did it.
    actor   INTEGER REFERENCES users (id),
    -- One word per kind of action, such as `user-suspended`.
    action  TEXT NOT NULL,
    -- What it was done to, as it was called then: `user ada`, `licence X-mine`, `picture 17`.
    subject TEXT NOT NULL,
    details TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_actor ON audit_log (actor, id);

-- What somebody has drawn and saved, the newest first.
CREATE INDEX regions_author ON regions (author, picture);
CREATE INDEX picture_revisions_author ON picture_revisions (author, created_at, picture, revision);
