CREATE OR REPLACE FUNCTION tollgate.record_reading(customer_id bigint, dimension text, counter text,
  reading numeric, read_at timestamptz, tags jsonb DEFAULT NULL) RETURNS numeric
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  -- A plan for the few readings of the first minute must not be kept for the thousands after it.
  SET enable_seqscan = off AS $$
DECLARE
  -- A CALL may last for days, and the clock of its beginning with it.
  now CONSTANT timestamptz := ledger_time() + (clock_timestamp() - statement_timestamp());
  last tollgate.counter;
  known counter_reading;
  code text := 'TG400';
  problem text;
  growth numeric := 0;
BEGIN
  problem := CASE
    WHEN read_at IS NULL THEN 'read_at is missing'
    WHEN (char_length(counter) BETWEEN 1 AND 255) IS NOT TRUE
      THEN 'the counter''s name is not of 1 to 255 characters'
    WHEN reading IS NULL THEN 'the reading is missing'
    -- NaN is greater than any number.
    WHEN reading < 0 OR reading >= 1e15 THEN 'the reading is not within 0 and 10^15'
    WHEN reading <> round(reading, 9) THEN 'the reading has more than 9 decimals'
    WHEN NOT tollgate.is_tags(tags)
      THEN 'tags is not an object of 1 to 5 tags that AWS takes, such as {"team": "blue"}'
  END;
  IF problem IS NULL THEN
    SELECT p.code, p.problem INTO code, problem FROM tollgate.usage_problem(customer_id, dimension,
      read_at, tags IS NOT NULL, now + interval '5 minutes') p;
  END IF;

  IF problem IS NULL THEN
    INSERT INTO tollgate.counter VALUES (customer_id, dimension, counter, read_at, reading)
      ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      -- Of two sessions one waits here, and then sees what the other one added.
      SELECT c.* INTO STRICT last FROM tollgate.counter c
        WHERE c.customer_id = record_reading.customer_id
          AND c.dimension = record_reading.dimension AND c.counter = record_reading.counter
        FOR UPDATE;
      SELECT r.* INTO known FROM counter_reading r WHERE r.customer_id = record_reading.customer_id
        AND r.dimension = record_reading.dimension AND r.counter = record_reading.counter
        AND r.read_at = record_reading.read_at;
      IF FOUND AND (known.reading, known.tags::jsonb) IS NOT DISTINCT FROM (reading, tags) THEN
        RETURN known.growth;
      ELSIF FOUND THEN
        code := 'TG409';
        problem := 'another reading, or the same with other tags, is there for this time';
      END IF;
    END IF;
  END IF;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = format(
      'reading of the counter "%s" (customer_id %s, dimension "%s", read_at %s): %s',
      left(counter, 255), customer_id, left(dimension, 255), tollgate.time_text(read_at), problem);
  END IF;

  IF read_at > last.last_read_at THEN
    growth := CASE WHEN reading < last.last_reading THEN reading ELSE reading - last.last_reading END;
    UPDATE tollgate.counter c SET last_read_at = read_at, last_reading = reading
      WHERE c.customer_id = record_reading.customer_id AND c.dimension = record_reading.dimension
        AND c.counter = record_reading.counter;
  END IF;
  INSERT INTO counter_reading (customer_id, dimension, counter, read_at, reading, tags, growth)
    VALUES (customer_id, dimension, counter, read_at, reading, tags, growth);
  IF growth > 0 THEN
    INSERT INTO usage_event (customer_id, dimension, quantity, used_at, tags)
      VALUES (customer_id, dimension, growth, read_at, tags);
  END IF;
  RETURN growth;
END
$$;
COMMENT ON FUNCTION tollgate.record_reading(bigint, text, text, numeric, timestamptz, jsonb) IS
  'For the seller''s app: what a counter says. How much it grew since its last reading becomes '
  'usage of that time, with these tags, and is returned. The first reading is where it starts from; '
  'a lower one than before is a counter that began anew; one that comes after a newer one is kept, '
  'and grows nothing. The same reading again changes nothing and returns the same. TG409: another '
  'reading is there for this time; TG400, TG404: it cannot be taken';
