-- Pictures know how often their metadata was changed, and files what the camera wrote into them. The file of the same name
-- in ../postgres says the same for PostgreSQL; change both.

-- How often title, description, origin, nature or licences were changed: two who change them at once find out by it.
ALTER TABLE pictures ADD COLUMN metadata_revision INTEGER NOT NULL DEFAULT 0 CHECK (metadata_revision >= 0);

-- Whether the uploader wants the place where the picture was taken to be known. Only then is it shown.
ALTER TABLE pictures ADD COLUMN keep_place BOOLEAN NOT NULL DEFAULT FALSE;

-- What the camera wrote into the file, as a JSON dictionary, the place included; NULL where it wrote nothing.
ALTER TABLE blobs ADD COLUMN exif TEXT;
