-- Galleries are ordered by hand and may name the picture that stands for them.

-- NULL: the first picture stands for the gallery. The picture is always one of the gallery's.
ALTER TABLE galleries ADD COLUMN cover BIGINT REFERENCES pictures (id) ON DELETE SET NULL;
CREATE INDEX galleries_cover ON galleries (cover) WHERE cover IS NOT NULL;

-- The place in the order: smaller comes first. No two pictures of a gallery have the same; gaps mean nothing.
ALTER TABLE gallery_pictures ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
UPDATE gallery_pictures SET position = (
    SELECT COUNT(*) FROM gallery_pictures AS other
    WHERE other.gallery = gallery_pictures.gallery
      AND (other.added_at < gallery_pictures.added_at
           OR (other.added_at = gallery_pictures.added_at AND other.picture < gallery_pictures.picture))
);
CREATE INDEX gallery_pictures_position ON gallery_pictures (gallery, position);
