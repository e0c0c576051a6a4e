CREATE OR REPLACE FUNCTION tollgate.event_problem(event jsonb) RETURNS text
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  members CONSTANT text[] := ARRAY['customer_id', 'dimension', 'quantity', 'used_at',
    'idempotency_key', 'tags'];
  -- Null is as good as missing.
  given CONSTANT jsonb := CASE jsonb_typeof(event) WHEN 'object' THEN jsonb_strip_nulls(event) END;
  bad text;
BEGIN
  IF given IS NULL THEN
    RETURN 'it is not an object';
  END IF;
  SELECT min(name) INTO bad FROM jsonb_object_keys(event) name WHERE name <> ALL (members);
  IF bad IS NOT NULL THEN
    RETURN format('"%s" is not a member of an event; known are %s', left(bad, 100),
      array_to_string(members, ', '));
  END IF;
  SELECT name INTO bad FROM unnest(members[:3]) name WHERE NOT given ? name LIMIT 1;
  IF FOUND THEN
    RETURN format('%s is missing', bad);
  END IF;
  IF given ? 'used_at' AND jsonb_typeof(given->'used_at') = 'string'
      AND given->>'used_at' ~ ('^[0-9]{4}(-[0-9]{2}){2}[T ][0-9]{2}:[0-9]{2}'
        '(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
  THEN
    BEGIN
      PERFORM (given->>'used_at')::timestamptz;
    EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format
      OR invalid_time_zone_displacement_value THEN
      RETURN format('used_at "%s" is on no calendar', given->>'used_at');
    END;
  ELSIF given ? 'used_at' THEN
    RETURN 'used_at is not a time with a zone, such as "2026-11-25T09:20:00Z"';
  END IF;
  RETURN CASE
    WHEN jsonb_typeof(given->'customer_id') <> 'number' OR given->>'customer_id' !~ '^[0-9]{1,18}$'
      THEN 'customer_id is not a whole number'
    WHEN jsonb_typeof(given->'dimension') <> 'string' THEN 'dimension is not a string'
    WHEN jsonb_typeof(given->'quantity') <> 'number' THEN 'quantity is not a number'
    WHEN abs((given->'quantity')::numeric) >= 1e15 THEN 'quantity is not within 10^15'
    WHEN (given->'quantity')::numeric <> round((given->'quantity')::numeric, 9)
      THEN 'quantity has more than 9 decimals'
    WHEN jsonb_typeof(given->'idempotency_key') <> 'string'
      OR char_length(given->>'idempotency_key') NOT BETWEEN 1 AND 255
      THEN 'idempotency_key is not a string of 1 to 255 characters'
    WHEN jsonb_typeof(event->'tags') <> 'null' AND NOT tollgate.is_tags(event->'tags')
      THEN 'tags is not an object of 1 to 5 tags that AWS takes, such as {"team": "blue"}'
  END;
END
$$;
COMMENT ON FUNCTION tollgate.event_problem(jsonb) IS
  'What is wrong with the form of one event of record_usage(); null if nothing is';
