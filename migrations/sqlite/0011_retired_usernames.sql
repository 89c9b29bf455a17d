-- Nobody gets the username of an account that was closed, for SQLite. The file of the same name in ../postgres says the same for
-- PostgreSQL; change both.

-- SHA-256 of the name, in hexadecimal digits: who wanted to be forgotten stays so.
CREATE TABLE retired_usernames (name_hash TEXT PRIMARY KEY);
