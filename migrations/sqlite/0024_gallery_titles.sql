-- Galleries are found by their titles, for SQLite. The file of the same name in ../postgres says the same for PostgreSQL; change both.

-- Derived from `title`. Those from before are folded by the program, which databases cannot do, at its next start.
ALTER TABLE galleries ADD COLUMN title_folded TEXT;
