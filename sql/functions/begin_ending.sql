CREATE OR REPLACE FUNCTION tollgate.begin_ending(customer bigint, ends timestamptz DEFAULT NULL)
  RETURNS timestamptz
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  known record;
BEGIN
  PERFORM tollgate.lock_ledger();
  IF NOT EXISTS (SELECT FROM customer c WHERE c.id = customer) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404', MESSAGE = format('no customer has the id %s', customer);
  END IF;
  ends := coalesce(ends, ledger_time());
  IF NOT isfinite(ends) OR ends > ledger_time() THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400',
      MESSAGE = format('%s has not come: a subscription''s end is noted when it has ended', ends);
  END IF;
  SELECT * INTO known FROM subscription_end e WHERE e.customer_id = customer;
  IF FOUND AND known.closes_at <= ledger_time() THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = format('the subscription of the customer %s '
      'ended at %s; AWS took its last usage until %s', customer, known.ends_at, known.closes_at),
      HINT = 'If they subscribed again, resume_customer() says so.';
  ELSIF FOUND THEN
    RETURN known.closes_at;
  END IF;
  -- An end before this one may have shortened them too, and no run come since it was taken back.
  PERFORM tollgate.restore_deadlines_of(customer);
  INSERT INTO customer_event (customer_id, kind, happened_at) VALUES (customer, 'ending', ends);
  UPDATE open_record o SET deadline = ends + interval '1 hour'
    WHERE o.customer_id = customer AND o.deadline > ends + interval '1 hour';
  RETURN ends + interval '1 hour';
END
$$;
COMMENT ON FUNCTION tollgate.begin_ending(bigint, timestamptz) IS
  'A customer''s subscription ended, just now or then: their usage is frozen and sent at once, until '
  'the moment that it returns. A second time it changes nothing. TG404: no such customer; TG400: in '
  'the future; TG409: that hour is over';
