-- Nobody gets the username of an account that was closed, for PostgreSQL. The file of the same name in ../sqlite says the same for
-- SQLite; change both.

-- SHA-256 of the name, in hexadecimal digits: so the name itself is not written out. Whoever knows it can tell that it is here.
CREATE TABLE retired_usernames (name_hash TEXT PRIMARY KEY);
