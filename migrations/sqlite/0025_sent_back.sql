-- What a reviewer has sent back comes first in queues, for SQLite. The file of the same name in ../postgres says the same for
-- PostgreSQL; change both.

-- The order in which a project's pictures are gone through: that of `position`. Those that were sent back have the same below zero, which
-- is how one knows them: 2^40 less, so that they come before all others and keep their order among themselves.
ALTER TABLE project_pictures ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
UPDATE project_pictures SET turn = position;
UPDATE project_pictures SET turn = position - 1099511627776 WHERE state = 'to_do' AND EXISTS (
    SELECT 1 FROM project_steps AS step
    WHERE step.project = project_pictures.project AND step.picture = project_pictures.picture
        AND step.from_state <> 'to_do' AND (step.annotator IS NULL OR step.annotator <> step.author)
        AND step.id = (
            SELECT MAX(latest.id) FROM project_steps AS latest
            WHERE latest.project = project_pictures.project AND latest.picture = project_pictures.picture
                AND latest.from_state <> latest.to_state
        )
);

DROP INDEX project_pictures_state;
DROP INDEX project_pictures_annotator;
CREATE INDEX project_pictures_turn ON project_pictures (project, turn);
CREATE INDEX project_pictures_state ON project_pictures (project, state, turn);
CREATE INDEX project_pictures_annotator ON project_pictures (project, annotator, state, turn);
