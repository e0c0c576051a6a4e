CREATE OR REPLACE FUNCTION tollgate.settle_call(call bigint, http_status int, error_code text,
  request_id text, uncertain boolean, answers jsonb)
  RETURNS TABLE (record_id bigint, outcome tollgate.record_outcome)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO metering_answer (call_id, answered_at, http_status, code, aws_request_id, uncertain,
      unnamed)
    VALUES (call, ledger_time(), settle_call.http_status, nullif(error_code, ''),
      nullif(request_id, ''), settle_call.uncertain,
      ARRAY(SELECT (a->>'record')::bigint FROM jsonb_array_elements(answers) a
        WHERE a->>'said' = 'unnamed'))
    ON CONFLICT (call_id) DO NOTHING;
  IF NOT FOUND THEN
    RETURN; -- the same answer again, after a lost connection
  END IF;

  RETURN QUERY
  WITH said AS (
    SELECT (a->>'record')::bigint AS record_id, a->>'said' AS said, a->>'code' AS code,
        a->>'id' AS metering_record_id
      FROM jsonb_array_elements(answers) a),
  judged AS (
    SELECT s.*, o.uncertain OR settle_call.uncertain AS uncertain,
        -- A customer of whom AWS never took a record may not be subscribed yet: that can be mended.
        s.said IN ('success', 'duplicate', 'refused') OR (s.said = 'not_subscribed'
          AND (o.uncertain OR settle_call.uncertain OR EXISTS (SELECT FROM metering_record h
            JOIN metering_result b ON b.record_id = h.id AND b.outcome = 'billed'
            WHERE h.customer_id = r.customer_id))) AS final
      FROM said s
      JOIN open_record o ON o.record_id = s.record_id
      JOIN metering_record r ON r.id = s.record_id),
  settled AS (
    INSERT INTO metering_result (record_id, call_id, outcome, code, metering_record_id, settled_at)
      SELECT j.record_id, call,
          CASE j.said
            WHEN 'success' THEN 'billed'
            WHEN 'duplicate' THEN CASE WHEN j.uncertain THEN 'unconfirmed' ELSE 'refused' END
            ELSE CASE WHEN j.uncertain THEN 'unknown' ELSE 'refused' END
          END,
          j.code, j.metering_record_id, ledger_time()
        FROM judged j WHERE j.final
      RETURNING record_id, outcome),
  left_open AS (
    UPDATE open_record o SET code = coalesce(nullif(j.code, ''), nullif(error_code, '')),
        uncertain = j.uncertain OR j.said = 'unnamed'
      FROM judged j
      WHERE o.record_id = j.record_id AND NOT j.final),
  gone AS (DELETE FROM open_record o USING settled s WHERE o.record_id = s.record_id)
  SELECT s.record_id, s.outcome FROM settled s;
END
$$;
COMMENT ON FUNCTION tollgate.settle_call(bigint, int, text, text, boolean, jsonb) IS
  'Stores what came back of a call and what follows for each record: [{"record", "said", "code", '
  '"id"}, …], said being success, duplicate, not_subscribed, refused, or, where the record stays open, '
  'unprocessed, unnamed or failed. Gives those that are settled now';
