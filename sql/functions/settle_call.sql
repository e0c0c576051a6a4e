CREATE OR REPLACE FUNCTION tollgate.settle_call(call bigint, http_status int, error_code text,
  request_id text, uncertain boolean, answers jsonb)
  RETURNS TABLE (record_id bigint, outcome tollgate.record_outcome)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
#variable_conflict use_column
DECLARE
  of_call bigint[];
BEGIN
  PERFORM tollgate.lock_ledger();
  SELECT c.records INTO of_call FROM metering_call c WHERE c.id = call;
  PERFORM tollgate.check_answers(call, of_call, answers);
  INSERT INTO metering_answer (call_id, answered_at, http_status, code, aws_request_id, uncertain,
      unnamed)
    VALUES (call, ledger_time(), settle_call.http_status, nullif(left(error_code, 255), ''),
      nullif(left(request_id, 128), ''), settle_call.uncertain,
      ARRAY(SELECT record FROM unnest(of_call) record EXCEPT
        SELECT (a->>'record')::bigint FROM jsonb_array_elements(answers) a
          WHERE a->>'said' <> 'unnamed' ORDER BY 1))
    ON CONFLICT (call_id) DO NOTHING;
  IF NOT FOUND THEN
    RETURN; -- the same answer again, after a lost connection
  END IF;

  -- Of whom nothing is said may have been honoured.
  RETURN QUERY
  WITH said AS (
    SELECT o.record_id, r.customer_id, coalesce(a.answer->>'said', 'unnamed') AS said,
        nullif(left(a.answer->>'code', 255), '') AS code, a.answer->>'id' AS metering_record_id,
        o.uncertain OR settle_call.uncertain AS uncertain
      FROM open_record o
      JOIN metering_record r ON r.id = o.record_id
      LEFT JOIN (SELECT (e->>'record')::bigint AS record_id, e AS answer
          FROM jsonb_array_elements(answers) e) a ON a.record_id = o.record_id
      WHERE o.record_id = ANY (of_call) AND o.call_id = call),
  judged AS (
    SELECT s.*, CASE s.said
        WHEN 'success' THEN 'billed'
        WHEN 'duplicate' THEN CASE WHEN s.uncertain THEN 'unconfirmed' ELSE 'refused' END
        WHEN 'not_subscribed' THEN CASE WHEN s.uncertain THEN 'unknown'
          -- A customer of whom AWS never took a record may not be subscribed yet: open.
          WHEN EXISTS (SELECT FROM month_sum m WHERE m.customer_id = s.customer_id AND m.billed > 0)
          THEN 'refused' END
        END AS outcome
      FROM said s),
  left_open AS (
    UPDATE open_record o SET call_id = NULL,
        code = coalesce(j.code, nullif(left(error_code, 255), '')),
        uncertain = j.uncertain OR j.said = 'unnamed'
      FROM judged j
      WHERE o.record_id = j.record_id AND j.outcome IS NULL),
  told AS (
    INSERT INTO customer_event (customer_id, kind, happened_at)
      SELECT n.customer_id, n.kind, ledger_time()
        FROM (SELECT DISTINCT ON (j.customer_id) j.customer_id,
              CASE j.said WHEN 'success' THEN 'honoured' ELSE 'not_subscribed' END AS kind
            FROM judged j WHERE j.said IN ('success', 'not_subscribed')
            ORDER BY j.customer_id, j.said DESC) n
        WHERE NOT EXISTS (SELECT FROM customer_state e WHERE e.customer_id = n.customer_id
          AND e.state IN (n.kind, 'ending', 'ended')))
  INSERT INTO metering_result (record_id, call_id, outcome, code, metering_record_id, settled_at)
    SELECT j.record_id, call, j.outcome, j.code, nullif(left(j.metering_record_id, 255), ''),
        ledger_time()
      FROM judged j WHERE j.outcome IS NOT NULL
    RETURNING metering_result.record_id, metering_result.outcome;
END
$$;
COMMENT ON FUNCTION tollgate.settle_call(bigint, int, text, text, boolean, jsonb) IS
  'Stores what came back of a call and what follows for each record: [{"record", "said", "code", '
  '"id"}, …], said being success, duplicate or not_subscribed, or, where the record stays open, '
  'unprocessed, unnamed or failed. uncertain: one of the call''s tries may have been carried out, '
  'whatever the last one said. TG404: no such call; TG400: other records than the call''s. Gives '
  'what is settled now';
