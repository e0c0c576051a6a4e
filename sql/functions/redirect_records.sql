CREATE OR REPLACE FUNCTION tollgate.redirect_records(customer_id bigint, reason text) RETURNS numeric
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  ended record;
BEGIN
  PERFORM tollgate.check_repair(customer_id, reason);
  -- A run has read what is open, and would send it.
  IF NOT pg_try_advisory_xact_lock(hashtextextended('tollgate meter', 0)) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = 'a run of tollgate-meter is under way',
      HINT = 'Try again when it is over.';
  END IF;
  PERFORM tollgate.lock_ledger();
  -- What AWS may have stays where it was sent: elsewhere it could be billed again.
  SELECT e.* INTO ended FROM tollgate.end_records(ARRAY(
    SELECT o.record_id
      FROM open_record o
      JOIN metering_record r ON r.id = o.record_id
      JOIN customer c ON c.id = o.customer_id
      JOIN product p ON p.product_code = c.product_code
      WHERE o.customer_id = redirect_records.customer_id AND NOT o.uncertain
        AND o.record_id NOT IN (SELECT unnest(n.records) FROM open_call n)
        AND (r.aws_role_arn, r.aws_external_id, r.aws_region) IS DISTINCT FROM
          (p.aws_role_arn, p.aws_external_id, coalesce(c.metered_region, r.aws_region))
      ORDER BY o.record_id)) e;
  IF ended.moved > 0 THEN
    INSERT INTO admin_action (action, customer_id, reason)
      VALUES (format('redirect_records: %s of %s units', ended.moved, ended.moved_units), customer_id,
        reason);
  END IF;
  RETURN ended.moved_units;
END
$$;
COMMENT ON FUNCTION tollgate.redirect_records(bigint, text) IS
  'After a product''s role or a customer''s region (change_region) was set right: the customer''s '
  'records that were frozen for another, and that AWS surely does not have, end as moved, and their '
  'units wait for the next free hour. Returns how many. What AWS may have stays as it is. TG409: a run '
  'is under way; TG404, TG400';
