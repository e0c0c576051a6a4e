-- Less work for each visit: whether there is what new rows refer to is asked once a statement. A foreign
-- key asks for each row, by a statement of its own, and three of them were a quarter of storing a visit.
-- What they refused is refused as before: orphans, and to take away what is referred to. Customers can't
-- be deleted, and their numbers don't change (0001); for products there is keep_product().

-- No search_path of its own, as in the functions that a visit calls: setting it costs more than the
-- question.
CREATE FUNCTION tollgate.check_customers() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  missing bigint;
BEGIN
  IF TG_LEVEL = 'STATEMENT' THEN
    SELECT a.customer_id INTO missing FROM added a
      WHERE a.customer_id IS NOT NULL
        AND (SELECT c.id FROM tollgate.customer c WHERE c.id = a.customer_id) IS NULL
      LIMIT 1;
  ELSIF NOT EXISTS (SELECT FROM tollgate.customer c WHERE c.id = NEW.customer_id) THEN
    missing := NEW.customer_id;
  END IF;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME,
      CONSTRAINT = TG_NAME,
      MESSAGE = format('%s refers to customer %s, and there is none', TG_TABLE_NAME, missing);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION tollgate.check_customers() IS
  'Refuses rows of a customer that does not exist, once a statement. That is enough: no customer is '
  'ever deleted or gets another number. 23503';
CREATE TRIGGER registration_has_customer AFTER INSERT ON tollgate.registration
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.check_customers();
CREATE TRIGGER registration_gets_customer AFTER UPDATE OF customer_id ON tollgate.registration
  FOR EACH ROW WHEN (NEW.customer_id IS DISTINCT FROM OLD.customer_id)
  EXECUTE FUNCTION tollgate.check_customers();
CREATE TRIGGER customer_event_has_customer AFTER INSERT ON tollgate.customer_event
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.check_customers();
ALTER TABLE tollgate.registration DROP CONSTRAINT registration_customer_id_fkey;
ALTER TABLE tollgate.customer_event DROP CONSTRAINT customer_event_customer_id_fkey;

CREATE FUNCTION tollgate.check_products() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  missing text;
BEGIN
  -- The lock is a foreign key's: who deletes the product waits, and finds the customer.
  WITH sold AS MATERIALIZED (
    SELECT p.product_code FROM tollgate.product p
      WHERE p.product_code = ANY (ARRAY(SELECT a.product_code FROM added a))
      FOR KEY SHARE)
  SELECT a.product_code INTO missing FROM added a
    WHERE a.product_code NOT IN (SELECT s.product_code FROM sold s) LIMIT 1;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME,
      CONSTRAINT = TG_NAME,
      MESSAGE = format('%s refers to product %s, and there is none', TG_TABLE_NAME, missing);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION tollgate.check_products() IS
  'Refuses customers of a product that does not exist, once a statement; keep_product() sees that it '
  'stays. 23503';
CREATE TRIGGER customer_has_product AFTER INSERT ON tollgate.customer
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.check_products();

CREATE FUNCTION tollgate.keep_product() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  -- A customer who came since an older snapshot was taken would not be seen.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'serialization_failure',
      MESSAGE = format('%s of product is refused: run READ COMMITTED', lower(TG_OP));
  END IF;
  IF EXISTS (SELECT FROM customer c WHERE c.product_code = OLD.product_code) THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME,
      CONSTRAINT = TG_NAME, MESSAGE = format('%s of product is refused: %s has customers',
        lower(TG_OP), OLD.product_code);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION tollgate.keep_product() IS
  'Refuses to delete a product that has customers, or to give it another code. 23503';
CREATE TRIGGER product_stays AFTER DELETE ON tollgate.product FOR EACH ROW
  EXECUTE FUNCTION tollgate.keep_product();
CREATE TRIGGER product_keeps_code AFTER UPDATE OF product_code ON tollgate.product
  FOR EACH ROW WHEN (NEW.product_code <> OLD.product_code) EXECUTE FUNCTION tollgate.keep_product();
ALTER TABLE tollgate.customer DROP CONSTRAINT customer_product_code_fkey;

-- Its arguments are the tables that refer to the one that was emptied.
CREATE FUNCTION tollgate.refuse_orphans() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  child text;
  has_rows boolean;
BEGIN
  FOREACH child IN ARRAY TG_ARGV LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', child) INTO has_rows;
    IF has_rows THEN
      RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME,
        CONSTRAINT = TG_NAME,
        MESSAGE = format('TRUNCATE of %s is refused: %s refers to it', TG_TABLE_NAME, child),
        HINT = 'TRUNCATE both at once.';
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION tollgate.refuse_orphans() IS
  'Refuses TRUNCATE of a table and not of those that refer to it. 23503';
CREATE TRIGGER customer_emptied AFTER TRUNCATE ON tollgate.customer FOR EACH STATEMENT
  EXECUTE FUNCTION tollgate.refuse_orphans('registration', 'customer_event');
CREATE TRIGGER product_emptied AFTER TRUNCATE ON tollgate.product FOR EACH STATEMENT
  EXECUTE FUNCTION tollgate.refuse_orphans('customer');
