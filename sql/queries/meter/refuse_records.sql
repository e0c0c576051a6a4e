-- Records that AWS refused alone while others of their product were honoured: [{"record", "call",
-- "code"}, …]. A row each, in that order; null: it has a result already.
SELECT tollgate.refuse_record((r->>'record')::bigint, (r->>'call')::bigint, r->>'code') AS outcome
  FROM jsonb_array_elements($1) WITH ORDINALITY a (r, place) ORDER BY place;
