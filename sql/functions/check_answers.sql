CREATE OR REPLACE FUNCTION tollgate.check_answers(call bigint, of_call bigint[], answers jsonb)
  RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  IF of_call IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404', MESSAGE = format('there is no call %s', call);
  END IF;
  IF EXISTS (SELECT FROM jsonb_array_elements(answers) a
      GROUP BY (a->>'record')::bigint
      HAVING count(*) > 1 OR ((a->>'record')::bigint = ANY (of_call)) IS NOT TRUE
        OR bool_or(coalesce(a->>'said', '') NOT IN ('success', 'duplicate', 'not_subscribed',
          'unprocessed', 'unnamed', 'failed'))) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format(
      'answers of the call %s name a record that is not its own, or one twice, or say what nobody '
      'knows', call);
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.check_answers(bigint, bigint[], jsonb) IS
  'Whether what is to be noted of a call can be about it. TG404, TG400';
