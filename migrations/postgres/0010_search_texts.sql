-- Searches for texts find their pictures by trigrams, and obsolete pictures are walked through as quickly as others, for PostgreSQL.
-- The file of the same name in ../sqlite says the same for SQLite; change both.

-- What is searched of titles and descriptions, for an index of which pictures have which three characters, side by side. In a table of
-- its own: a row that changes is written into every index of its table anew, and pictures change with every region and every vote.
-- The index itself needs an extension, which the program asks for when it starts.
CREATE TABLE picture_texts (
    picture            BIGINT PRIMARY KEY REFERENCES pictures (id) ON DELETE CASCADE,
    title_folded       TEXT COLLATE "C" NOT NULL,
    description_folded TEXT COLLATE "C" NOT NULL
);
INSERT INTO picture_texts (picture, title_folded, description_folded)
    SELECT id, title_folded, description_folded FROM pictures;
-- Whoever changes a picture may look for tables elsewhere: the text belongs where the picture is.
CREATE FUNCTION keep_picture_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO %1$I.picture_texts AS kept (picture, title_folded, description_folded) VALUES ($1, $2, $3)
        ON CONFLICT (picture) DO UPDATE SET title_folded = excluded.title_folded, description_folded = excluded.description_folded
        WHERE (kept.title_folded, kept.description_folded) IS DISTINCT FROM (excluded.title_folded, excluded.description_folded)',
        TG_TABLE_SCHEMA) USING new.id, new.title_folded, new.description_folded;
    RETURN NULL;
END $$;
CREATE TRIGGER pictures_text AFTER INSERT OR UPDATE OF title_folded, description_folded ON pictures
    FOR EACH ROW EXECUTE FUNCTION keep_picture_text();
ANALYZE picture_texts;

-- One index for each order has all that most rules test, of current and of obsolete pictures: nearly all are current. Reading goes
-- on until the old ones go.
CREATE INDEX new_pictures_by_date ON pictures (created_at, id)
    INCLUDE (replaced_by, region_count, author, nature, width, height, rating_sum, rating_count, title_folded);
CREATE INDEX new_pictures_by_title ON pictures (title_folded, id)
    INCLUDE (replaced_by, created_at, region_count, author, nature, width, height, rating_sum, rating_count);
CREATE INDEX new_pictures_by_region_count ON pictures (region_count, id)
    INCLUDE (replaced_by, created_at, author, nature, width, height, rating_sum, rating_count, title_folded);
DROP INDEX pictures_current_by_date;
DROP INDEX pictures_current_by_title;
DROP INDEX pictures_current_by_region_count;
DROP INDEX pictures_by_date;
DROP INDEX pictures_by_title;
DROP INDEX pictures_by_region_count;
ALTER INDEX new_pictures_by_date RENAME TO pictures_by_date;
ALTER INDEX new_pictures_by_title RENAME TO pictures_by_title;
ALTER INDEX new_pictures_by_region_count RENAME TO pictures_by_region_count;
