-- Less work for each visit: license_id is kept by a trigger and no longer generated. Whoever stores a
-- customer and knows it already gives it, and it is only compared; a generated column was worked out
-- anew, by an expression that each statement had to read, and that was a twelfth of storing a visit.

ALTER TABLE tollgate.customer ALTER COLUMN license_id DROP EXPRESSION;

CREATE FUNCTION tollgate.set_license_id() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.license_id := tollgate.license_id(NEW.license_arn);
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION tollgate.set_license_id() IS
  'Of a trigger: license_id follows license_arn, whatever was given for it';
-- The condition is tollgate.license_id(), written out: to put a function in its place costs more than
-- to work it out.
CREATE TRIGGER customer_license_id BEFORE INSERT OR UPDATE ON tollgate.customer FOR EACH ROW
  WHEN (NEW.license_id IS DISTINCT FROM CASE
      WHEN starts_with(split_part(split_part(NEW.license_arn, ':', -1), '/', -1), 'l-')
      THEN split_part(split_part(NEW.license_arn, ':', -1), '/', -1)
      ELSE NEW.license_arn
    END)
  EXECUTE FUNCTION tollgate.set_license_id();
