-- What `migrate` does first, in psql with the variables schema and database: takes the lock, makes
-- what is missing, and refuses files that do not fit what was applied.
SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET default_transaction_isolation = 'read committed';
SET default_transaction_read_only = off;
SET standard_conforming_strings = on;

-- For the session, so that each migration can have its own transaction. Everything below, the
-- making of the schema too, is safe only under it.
SELECT pg_try_advisory_lock(hashtextextended(:'schema' || ' migrate', 0)) AS alone \gset
\if :alone
\else
\echo waiting for another migration of the database :database
SELECT pg_advisory_lock(hashtextextended(:'schema' || ' migrate', 0)) \g /dev/null
\endif
-- Buyers are served meanwhile: rather fail and be run again than let them queue behind us.
SET lock_timeout = '10s';

\i :roles

CREATE SCHEMA IF NOT EXISTS :schema;
CREATE TABLE IF NOT EXISTS :schema.migration (
  number int PRIMARY KEY,
  name text NOT NULL,
  sha256 text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE :schema.migration IS 'Which migrations this database has seen; written by migrate';
COMMENT ON COLUMN :schema.migration.number IS 'Their order';
COMMENT ON COLUMN :schema.migration.name IS 'The file, without .sql';
COMMENT ON COLUMN :schema.migration.sha256 IS
  'Of the file as it was applied; it must not change after that';
COMMENT ON COLUMN :schema.migration.applied_at IS 'When';
COMMENT ON COLUMN :schema.migration.applied_by IS 'The role that had logged in';

CREATE TEMP TABLE migration_file (number int, name text, sha256 text);
INSERT INTO migration_file VALUES :migrations;
CREATE TEMP VIEW migration_done AS SELECT * FROM :schema.migration;
\set VERBOSITY terse
DO $$
DECLARE
  problem text;
BEGIN
  SELECT CASE
      WHEN f.number IS NULL THEN format('%s was applied to this database and its file is missing: '
        'these SQL files are older than the database, or not complete. Install the newest.', m.name)
      WHEN m.number IS NULL THEN format('%s comes before migrations that were applied already: '
        'give it the next free number.', f.name)
      ELSE format('%s has changed since it was applied on %s: restore the file, and put the change '
        'into a new migration.', m.name, m.applied_at::date)
    END INTO problem
    FROM migration_done m FULL JOIN migration_file f USING (number)
    WHERE f.number IS NULL OR m.sha256 <> f.sha256 OR m.name <> f.name
      OR (m.number IS NULL AND f.number < (SELECT max(number) FROM migration_done))
    ORDER BY number LIMIT 1;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
  END IF;
END
$$;
\set VERBOSITY default
