-- The trigger of TRUNCATE where a trigger stands for a foreign key. Its arguments are the tables that
-- refer to the one that was emptied. TRUNCATE ... CASCADE empties them too, as it does by foreign keys;
-- that it was said, only the statement's text tells.
CREATE OR REPLACE FUNCTION tollgate.refuse_orphans() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  cascades CONSTANT boolean := current_query() ~* '[[:<:]]truncate[[:>:]][^;]*[[:<:]]cascade[[:>:]]';
  child text;
  has_rows boolean;
BEGIN
  FOREACH child IN ARRAY TG_ARGV LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', child) INTO has_rows;
    IF has_rows AND cascades THEN
      EXECUTE format('TRUNCATE %I CASCADE', child);
    ELSIF has_rows THEN
      RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME,
        CONSTRAINT = TG_NAME,
        MESSAGE = format('TRUNCATE of %s is refused: %s refers to it', TG_TABLE_NAME, child),
        HINT = 'TRUNCATE both at once, or CASCADE.';
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION tollgate.refuse_orphans() IS
  'Refuses TRUNCATE of a table and not of those that refer to it, unless it says CASCADE. 23503';
