-- Long work, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.

CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    -- What people read in the list.
    title        TEXT NOT NULL,
    owner        INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state        TEXT NOT NULL,
    -- What is to be done, as JSON that the kind of job understands.
    task         TEXT NOT NULL,
    -- How far it is, as JSON that the kind of job understands: whoever takes it over begins there.
    checkpoint   TEXT,
    -- What came of it, as JSON; or why nothing did, as a sentence.
    result       TEXT,
    failure      TEXT,
    done         INTEGER NOT NULL DEFAULT 0,
    -- Unknown until somebody has counted.
    total        INTEGER,
    errors       INTEGER NOT NULL DEFAULT 0,
    -- Somebody wants it to end.
    cancelled    BOOLEAN NOT NULL DEFAULT FALSE,
    -- Who works on it, and until when nobody else may: whoever works on it says again and again that it does.
    worker       TEXT,
    leased_until INTEGER,
    -- How often somebody has begun or gone on with it without saying that it got further.
    tries        INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    -- When it was begun or gone on with last, and how much was done then: what the time that is left is reckoned from.
    began_at     INTEGER,
    began_with   INTEGER NOT NULL DEFAULT 0,
    ended_at     INTEGER
);
CREATE INDEX jobs_owner ON jobs (owner, id);
CREATE INDEX jobs_state ON jobs (state, id);
CREATE INDEX jobs_ended ON jobs (ended_at);

-- What could not be done of a job, such as rows of a table.
CREATE TABLE job_errors (
    job     INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    -- Where in what was brought, such as a line or a path.
    place   TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (job, number)
);
