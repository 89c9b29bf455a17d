-- What PostgreSQL remembers of values: see the file of the same name in ../postgres. SQLite needs nothing.
SELECT 1;
