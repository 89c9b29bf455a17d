-- Projects, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.

-- A version of a dataset that people annotate together. Who may see the dataset may see its projects; its maintainers manage them.
CREATE TABLE projects (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset      INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    -- Derived from `name`.
    name_folded  TEXT NOT NULL,
    description  TEXT NOT NULL,
    -- What annotators are to do.
    instructions TEXT NOT NULL,
    -- The version: its commit, and the tag by which it was named, if it was.
    commit_id    TEXT NOT NULL,
    tag          TEXT,
    -- So many pictures of the version were there no more when the project was started.
    missing      INTEGER NOT NULL CHECK (missing >= 0),
    author       INTEGER NOT NULL REFERENCES users (id),
    created_at   INTEGER NOT NULL,
    UNIQUE (dataset, name)
);

-- What is to be annotated; without any, everything.
CREATE TABLE project_objects (
    project INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    object  INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
    PRIMARY KEY (project, object)
) WITHOUT ROWID;
CREATE INDEX project_objects_object ON project_objects (object, project);

CREATE TABLE project_members (
    project INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL CHECK (role IN ('annotator', 'reviewer')),
    PRIMARY KEY (project, user_id)
) WITHOUT ROWID;
CREATE INDEX project_members_user_id ON project_members (user_id, project);

-- The pictures of a project, each in the queue of one annotator or of nobody yet.
CREATE TABLE project_pictures (
    project    INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    picture    INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    -- The order of their paths. There are gaps where pictures were deleted.
    position   INTEGER NOT NULL,
    annotator  INTEGER REFERENCES users (id),
    state      TEXT NOT NULL CHECK (state IN ('to_do', 'done', 'needs_review', 'accepted')),
    -- What was said with the last change of the state, by whom and when; NULL before the first one.
    comment    TEXT NOT NULL,
    changed_by INTEGER REFERENCES users (id),
    changed_at INTEGER,
    PRIMARY KEY (project, picture),
    UNIQUE (project, position),
    CHECK ((changed_by IS NULL) = (changed_at IS NULL))
) WITHOUT ROWID;
CREATE INDEX project_pictures_state ON project_pictures (project, state, position);
CREATE INDEX project_pictures_annotator ON project_pictures (project, annotator, state, position);
CREATE INDEX project_pictures_picture ON project_pictures (picture);

-- Every change of a picture's state.
CREATE TABLE project_steps (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project    INTEGER NOT NULL,
    picture    INTEGER NOT NULL,
    author     INTEGER NOT NULL REFERENCES users (id),
    -- In whose queue it was then.
    annotator  INTEGER REFERENCES users (id),
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    comment    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (project, picture) REFERENCES project_pictures (project, picture) ON DELETE CASCADE
);
CREATE INDEX project_steps_picture ON project_steps (project, picture, id);
CREATE INDEX project_steps_author ON project_steps (project, author, created_at);
