-- The trigger of customer.metered_by.
CREATE OR REPLACE FUNCTION tollgate.keep_shape() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM admin_action a WHERE a.customer_id = NEW.id
      AND a.action LIKE 'change_metered_by:%' AND a.done_at = now()) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = 'UPDATE of customer is refused: what a customer '
      'is metered by does not change, or AWS bills the same usage twice',
      HINT = 'change_metered_by() sees to that.';
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION tollgate.keep_shape() IS
  'Refuses another metered_by, unless change_metered_by() is at it';
