CREATE OR REPLACE FUNCTION tollgate.settle_calls(answers jsonb)
  RETURNS TABLE (record_id bigint, outcome tollgate.record_outcome)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  -- A plan for the few calls of the first day must not be kept. Nor a loop: of what is looked up at
  -- once the planner expects one row.
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
  SET jit = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM tollgate.lock_ledger();
  PERFORM tollgate.check_answers(answers);

  -- A call that was noted before, after a lost connection, is not noted again. Of a record of whom
  -- nothing is said, nobody knows whether it was honoured. Arrays, apart by OFFSET 0: all by the primary
  -- key at once, where the planner, with statistics of an empty queue, would read all that is open.
  RETURN QUERY
  WITH answer AS MATERIALIZED (
    SELECT a.call AS call_id, a.status, nullif(left(a.code, 255), '') AS code,
        nullif(left(a.request_id, 128), '') AS request_id, a.uncertain, a.records, c.records AS sent
      FROM jsonb_to_recordset(answers)
        a (call bigint, status int, code text, request_id text, uncertain boolean, records jsonb)
      CROSS JOIN LATERAL (SELECT m.records FROM metering_call m WHERE m.id = a.call OFFSET 0) c),
  named AS MATERIALIZED (
    SELECT a.call_id, sent.id AS record_id, coalesce(n.said, 'unnamed') AS said,
        nullif(left(n.code, 255), '') AS code, nullif(left(n.id, 255), '') AS metering_record_id,
        a.code AS call_code, a.uncertain
      FROM answer a
      CROSS JOIN unnest(a.sent) sent (id)
      LEFT JOIN (SELECT b.call_id, m.* FROM answer b
        CROSS JOIN jsonb_to_recordset(b.records) m (record bigint, said text, code text, id text)) n
        ON n.call_id = a.call_id AND n.record = sent.id),
  noted AS (
    INSERT INTO metering_answer (call_id, answered_at, http_status, code, aws_request_id, uncertain,
        unnamed)
      SELECT a.call_id, ledger_time(), a.status, a.code, a.request_id, a.uncertain,
          coalesce(u.records, '{}')
        FROM answer a
        LEFT JOIN (SELECT n.call_id, array_agg(n.record_id ORDER BY n.record_id) AS records
          FROM named n WHERE n.said = 'unnamed' GROUP BY n.call_id) u ON u.call_id = a.call_id
      ON CONFLICT (call_id) DO NOTHING RETURNING call_id),
  said AS (
    SELECT n.record_id, n.call_id, o.customer_id, n.said, n.code,
        coalesce(n.code, n.call_code) AS open_code, n.metering_record_id,
        o.uncertain OR n.uncertain AS uncertain
      FROM noted t
      JOIN named n ON n.call_id = t.call_id
      JOIN (SELECT * FROM open_record q
        WHERE q.record_id = ANY (ARRAY(SELECT l.record_id FROM named l)) OFFSET 0) o
        ON o.record_id = n.record_id AND o.call_id = n.call_id),
  judged AS MATERIALIZED (
    SELECT s.*, CASE s.said
        WHEN 'success' THEN 'billed'
        WHEN 'duplicate' THEN CASE WHEN s.uncertain THEN 'unconfirmed' ELSE 'refused' END
        WHEN 'not_subscribed' THEN CASE WHEN s.uncertain THEN 'unknown'
          -- A customer of whom AWS never took a record may not be subscribed yet: open.
          WHEN (SELECT true FROM metering_record r WHERE r.customer_id = s.customer_id
            AND ((SELECT m.outcome FROM metering_result m WHERE m.record_id = r.id) = 'billed'
              OR (SELECT p.honoured FROM metering_repair p WHERE p.record_id = r.id) > 0)
            LIMIT 1) THEN 'refused' END
        END AS outcome
      FROM said s),
  left_open AS (
    UPDATE open_record o SET call_id = NULL, (code, uncertain) = (
        SELECT j.open_code, j.uncertain OR j.said = 'unnamed'
          FROM judged j WHERE j.record_id = o.record_id)
      WHERE o.record_id = ANY (ARRAY(SELECT l.record_id FROM judged l WHERE l.outcome IS NULL))),
  told AS (
    INSERT INTO customer_event (customer_id, kind, happened_at)
      SELECT n.customer_id, n.kind, ledger_time()
        FROM (SELECT DISTINCT ON (j.customer_id) j.customer_id,
              CASE j.said WHEN 'success' THEN 'honoured' ELSE 'not_subscribed' END AS kind
            FROM judged j WHERE j.said IN ('success', 'not_subscribed')
            ORDER BY j.customer_id, j.said DESC) n
        LEFT JOIN (SELECT * FROM customer_state c
          WHERE c.customer_id = ANY (ARRAY(SELECT l.customer_id FROM judged l)) OFFSET 0) s
          ON s.customer_id = n.customer_id
        WHERE coalesce(s.state, '') NOT IN (n.kind, 'ending', 'ended'))
  INSERT INTO metering_result (record_id, call_id, outcome, code, metering_record_id, settled_at)
    SELECT j.record_id, j.call_id, j.outcome, j.code, j.metering_record_id, ledger_time()
      FROM judged j WHERE j.outcome IS NOT NULL
    RETURNING metering_result.record_id, metering_result.outcome;
END
$$;
COMMENT ON FUNCTION tollgate.settle_calls(jsonb) IS
  'Stores what came back of calls, and what follows for each record: [{"call", "status", "code", '
  '"request_id", "uncertain", "records": [{"record", "said", "code", "id"}, …]}, …], said being '
  'success, duplicate or not_subscribed, or, where the record stays open, unprocessed, unnamed or '
  'failed. uncertain: one of the call''s tries may have been carried out, whatever the last one '
  'said. TG404: no such call; TG400: other records than the call''s. Gives what is settled now';
