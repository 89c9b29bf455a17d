-- Searches for texts find their pictures by trigrams, and obsolete pictures are walked through as quickly as others, for SQLite. The
-- file of the same name in ../postgres says the same for PostgreSQL; change both.

-- Which pictures have which three characters, side by side, in their title and in their description. It finds some too many,
-- which are compared afterwards. The triggers keep it; REPLACE would pass them by, so that nothing replaces rows of pictures.
CREATE VIRTUAL TABLE picture_texts USING fts5 (
    title_folded, description_folded,
    content = 'pictures', content_rowid = 'id', tokenize = 'trigram case_sensitive 1', detail = 'column', columnsize = 0
);
INSERT INTO picture_texts (rowid, title_folded, description_folded)
    SELECT id, title_folded, description_folded FROM pictures;
CREATE TRIGGER pictures_inserted_text AFTER INSERT ON pictures BEGIN
    INSERT INTO picture_texts (rowid, title_folded, description_folded)
        VALUES (new.id, new.title_folded, new.description_folded);
END;
CREATE TRIGGER pictures_deleted_text AFTER DELETE ON pictures BEGIN
    INSERT INTO picture_texts (picture_texts, rowid, title_folded, description_folded)
        VALUES ('delete', old.id, old.title_folded, old.description_folded);
END;
CREATE TRIGGER pictures_changed_text AFTER UPDATE OF title_folded, description_folded ON pictures BEGIN
    INSERT INTO picture_texts (picture_texts, rowid, title_folded, description_folded)
        VALUES ('delete', old.id, old.title_folded, old.description_folded);
    INSERT INTO picture_texts (rowid, title_folded, description_folded)
        VALUES (new.id, new.title_folded, new.description_folded);
END;

-- One index for each order has all that most rules test, of current and of obsolete pictures: nearly all are current.
DROP INDEX pictures_current_by_date;
DROP INDEX pictures_current_by_title;
DROP INDEX pictures_current_by_region_count;
DROP INDEX pictures_by_date;
DROP INDEX pictures_by_title;
DROP INDEX pictures_by_region_count;
CREATE INDEX pictures_by_date ON pictures
    (created_at, id, replaced_by, region_count, author, nature, width, height, rating_sum, rating_count, title_folded);
CREATE INDEX pictures_by_title ON pictures
    (title_folded, id, replaced_by, created_at, region_count, author, nature, width, height, rating_sum, rating_count);
CREATE INDEX pictures_by_region_count ON pictures
    (region_count, id, replaced_by, created_at, author, nature, width, height, rating_sum, rating_count, title_folded);
