-- The console: the newest calls.
SELECT to_char(answered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS answered_at,
    coalesce(action, '–') AS action, result, status::text, coalesce(fault, '') AS fault,
    regexp_replace(request_id, '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\1-\2-\3-\4-\5') AS request_id,
    result <> 'Success' AND result <> 'DryRunOperation' AS is_error
  FROM sandbox.answer ORDER BY noted_at DESC, sandbox.answer.request_id LIMIT 50;
