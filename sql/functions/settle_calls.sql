CREATE OR REPLACE FUNCTION tollgate.settle_calls(answers jsonb)
  RETURNS TABLE (call_id bigint, outcomes text[])
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  -- A plan for the few calls of the first day must not be kept. Nor a loop: of what is looked up at
  -- once the planner expects one row.
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
  SET jit = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM tollgate.lock_ledger();
  PERFORM tollgate.check_answers(answers);

  -- A call that was noted before, after a lost connection, is not noted again. The array, apart by
  -- OFFSET 0: all by the primary key at once, where the planner, with statistics of an empty queue,
  -- would read all that is open.
  RETURN QUERY
  WITH answer AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(answers) a (call bigint, status int, code text,
      request_id text, uncertain boolean, records bigint[], said text[], codes text[], ids text[])),
  noted AS (
    INSERT INTO metering_answer (call_id, answered_at, http_status, code, aws_request_id, uncertain,
        unnamed)
      SELECT a.call, ledger_time(), a.status, nullif(left(a.code, 255), ''),
          nullif(left(a.request_id, 128), ''), a.uncertain,
          ARRAY(SELECT n.record_id FROM unnest(a.records, a.said) n (record_id, said)
            WHERE n.said = 'unnamed' ORDER BY 1)
        FROM answer a
      ON CONFLICT (call_id) DO NOTHING RETURNING call_id),
  said AS (
    SELECT n.place, n.record_id, a.call AS call_id, o.customer_id, n.said,
        nullif(left(n.code, 255), '') AS code, nullif(left(n.id, 255), '') AS metering_record_id,
        o.uncertain OR a.uncertain AS uncertain
      FROM noted t
      JOIN answer a ON a.call = t.call_id
      CROSS JOIN unnest(a.records, a.said, a.codes, a.ids) WITH ORDINALITY
        n (record_id, said, code, id, place)
      LEFT JOIN (SELECT * FROM open_record q
        WHERE q.record_id = ANY (ARRAY(SELECT unnest(l.records) FROM answer l)) OFFSET 0) o
        ON o.record_id = n.record_id),
  judged AS MATERIALIZED (
    -- Of one that is not open any more nothing follows.
    SELECT s.*, CASE WHEN s.customer_id IS NOT NULL THEN CASE s.said
        WHEN 'success' THEN 'billed'
        WHEN 'again' THEN 'billed'
        WHEN 'duplicate' THEN CASE WHEN s.uncertain THEN 'unconfirmed' ELSE 'refused' END
        WHEN 'not_subscribed' THEN CASE WHEN s.uncertain THEN 'unknown'
          -- A customer of whom AWS never took a record may not be subscribed yet: open. By their events
          -- and sums; their records, of years perhaps, would be read for each answer.
          WHEN (SELECT true FROM customer_event e WHERE e.customer_id = s.customer_id
              AND e.kind = 'honoured' LIMIT 1)
            OR (SELECT max(b.billed) FROM balance b WHERE b.customer_id = s.customer_id) > 0
            THEN 'refused' END
        END END AS outcome
      FROM said s),
  left_open AS (
    UPDATE open_record o SET attempts = o.attempts + 1, (code, uncertain) = (
        SELECT j.code, j.uncertain OR j.said = 'unnamed'
          FROM judged j WHERE j.record_id = o.record_id)
      WHERE o.record_id = ANY (ARRAY(SELECT l.record_id FROM judged l WHERE l.outcome IS NULL))),
  -- Of a customer whose success is no news there is nothing to look up, unless AWS also said otherwise.
  heard AS MATERIALIZED (
    SELECT j.customer_id,
        CASE WHEN bool_or(j.said <> 'not_subscribed') THEN 'honoured' ELSE 'not_subscribed' END AS kind
      FROM judged j
      WHERE j.customer_id IS NOT NULL AND (j.said IN ('success', 'not_subscribed')
        OR (j.said = 'again' AND (SELECT bool_or(l.said = 'not_subscribed') FROM judged l)))
      GROUP BY j.customer_id),
  told AS (
    INSERT INTO customer_event (customer_id, kind, happened_at)
      SELECT n.customer_id, n.kind, ledger_time()
        FROM heard n
        LEFT JOIN (SELECT * FROM customer_state c
          WHERE c.customer_id = ANY (ARRAY(SELECT l.customer_id FROM heard l)) OFFSET 0) s
          ON s.customer_id = n.customer_id
        WHERE coalesce(s.state, '') NOT IN (n.kind, 'ending', 'ended')),
  settled AS (
    INSERT INTO metering_result (record_id, call_id, outcome, code, metering_record_id, settled_at)
      SELECT j.record_id, j.call_id, j.outcome, j.code, j.metering_record_id, ledger_time()
        FROM judged j WHERE j.outcome IS NOT NULL)
  SELECT j.call_id, array_agg(j.outcome ORDER BY j.place) FROM judged j GROUP BY j.call_id;
END
$$;
COMMENT ON FUNCTION tollgate.settle_calls(jsonb) IS
  'Stores what came back of calls, and what follows for each record: [{"call", "status", "code", '
  '"request_id", "uncertain", "records": […], "said": […], "codes": […], "ids": […]}, …], the four being '
  'of each of the call''s records, in its order. said is success (or again: the run knows of its '
  'customer''s success already), duplicate or not_subscribed, or, where the record stays open, '
  'unprocessed, unnamed or failed. uncertain: one of the call''s tries may have '
  'been carried out, whatever the last one said. TG404: no such call; TG400: other records than the '
  'call''s. Gives each record''s outcome, in that order, null where it is open; nothing for a call that '
  'was settled before';
