-- Galleries are found by their titles, for PostgreSQL. The file of the same name in ../sqlite says the same for SQLite; change both.

-- Derived from `title`. Those from before are folded by the program, which databases cannot do, at its next start.
ALTER TABLE galleries ADD COLUMN title_folded TEXT;
