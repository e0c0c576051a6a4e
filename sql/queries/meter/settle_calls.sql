-- After calls came back: [{"call", "status", "code", "request_id", "uncertain", "records": [{"record",
-- "said", "code", "id"}, …]}, …].
SELECT tollgate.settle_call((c->>'call')::bigint, (c->>'status')::int, c->>'code',
    c->>'request_id', (c->>'uncertain')::boolean, c->'records')
  FROM jsonb_array_elements($1) WITH ORDINALITY a (c, place)
  ORDER BY place;
