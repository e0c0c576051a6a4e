-- At the end: records that AWS refused alone while others of their product were honoured.
-- [{"record", "call", "code"}, …].
SELECT count(tollgate.refuse_record((r->>'record')::bigint, (r->>'call')::bigint, r->>'code'))
  FROM jsonb_array_elements($1) r;
