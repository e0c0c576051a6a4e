CREATE OR REPLACE FUNCTION tollgate.open_code(o tollgate.open_record, in_call boolean) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN in_call THEN 'in a call'
    WHEN o.code IS NOT NULL THEN o.code
    WHEN o.uncertain THEN 'no answer'
    WHEN o.attempts > 0 THEN 'unprocessed'
    ELSE 'to be sent'
  END;
COMMENT ON FUNCTION tollgate.open_code(tollgate.open_record, boolean) IS
  'Why a record is open, for list_reasons(): what AWS said last, or a word of ours';
