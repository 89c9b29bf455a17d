-- Nobody gets the username of an account that was closed, for PostgreSQL. The file of the same name in ../sqlite says the same for
-- SQLite; change both.

-- SHA-256 of the name, in hexadecimal digits: who wanted to be forgotten stays so.
CREATE TABLE retired_usernames (name_hash TEXT PRIMARY KEY);
