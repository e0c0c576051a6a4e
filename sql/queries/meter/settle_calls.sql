-- After calls came back: [{"call", "status", "code", "request_id", "uncertain", "records": [{"record",
-- "said", "code", "id"}, …]}, …]. A row for each record that is settled now.
SELECT s.record_id, s.outcome
  FROM jsonb_array_elements($1) WITH ORDINALITY a (c, place)
  CROSS JOIN LATERAL tollgate.settle_call((c->>'call')::bigint, (c->>'status')::int, c->>'code',
    c->>'request_id', (c->>'uncertain')::boolean, c->'records') s;
