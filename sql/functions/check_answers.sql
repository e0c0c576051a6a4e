CREATE OR REPLACE FUNCTION tollgate.check_answers(answers jsonb) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  bad record;
BEGIN
  SELECT a.call, c.records IS NULL AS missing INTO bad
    FROM jsonb_to_recordset(answers)
      a (call bigint, records bigint[], said text[], codes text[], ids text[])
    LEFT JOIN LATERAL (SELECT m.records FROM metering_call m WHERE m.id = a.call OFFSET 0) c ON true
    WHERE (a.records = c.records AND a.said <@ ARRAY['success', 'duplicate', 'not_subscribed',
          'unprocessed', 'unnamed', 'failed', 'again']
        AND cardinality(a.said) = cardinality(c.records)
        AND coalesce(cardinality(a.codes), cardinality(a.said)) = cardinality(a.said)
        AND coalesce(cardinality(a.ids), cardinality(a.said)) = cardinality(a.said)) IS NOT TRUE
    LIMIT 1;
  IF bad.missing THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404', MESSAGE = format('there is no call %s', bad.call);
  ELSIF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format(
      'answers of the call %s are not one for each of its records, in their order, or say what nobody '
      'knows', bad.call);
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.check_answers(jsonb) IS
  'Whether what is to be noted of calls can be about them. TG404, TG400';
