-- A seeded random life of a ledger, against a model of AWS: usage, late and corrected, in transactions that stay
-- open across roll-ups and some of which are undone; hours, days and months that end; roll-ups, freezes, calls that
-- are answered in every way, not at all, or cut off by the end of the program; subscriptions that end and are taken
-- up again; people who repair. Every few steps all is counted.
-- psql variables: host (the server's socket), list (the text of list_hours.sql).
CREATE SCHEMA life;
CREATE EXTENSION dblink SCHEMA life;

-- What was written and committed, counted apart from the ledger.
CREATE TABLE life.used (customer_id bigint, dimension text, tags jsonb, used_at timestamptz, quantity numeric);
-- What AWS has: the first quantity it got for an hour. Not ours: from an attempt that was none of the ledger's.
CREATE TABLE life.aws (customer_id bigint, dimension text, hour timestamptz, quantity bigint, ours boolean,
  PRIMARY KEY (customer_id, dimension, hour));
CREATE TABLE life.setting (host text, list text, now timestamptz);
INSERT INTO life.setting VALUES (:'host', :'list', '2024-02-27 09:10Z');

INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
INSERT INTO tollgate.dimension (product_code, dimension, included) VALUES ('p', 'a', NULL), ('p', 'inc', 20);
INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  SELECT 'p', 'i' || n, 'customer_identifier' FROM generate_series(1, 4) n;

CREATE FUNCTION life.any_of(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE
  RETURN choices[1 + floor(random() * cardinality(choices))::int];

CREATE FUNCTION life.move_clock(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE life.setting SET now = at;
  EXECUTE format('CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE '
    'PARALLEL SAFE RETURN timestamptz %L', at);
END
$$;

-- One event as VALUES; of what a seller's app may write.
CREATE FUNCTION life.event() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  dimension text := life.any_of('a', 'a', 'a', 'inc');
  quantity numeric := CASE life.any_of('one', 'fraction', 'fraction', 'some', 'correction', 'large')
    WHEN 'one' THEN 1 WHEN 'fraction' THEN round((random() * 3)::numeric, 3) WHEN 'some' THEN floor(random() * 50)
    WHEN 'correction' THEN -round((random() * 4)::numeric, 2)
    ELSE CASE WHEN random() < 0.1 THEN 3000000000.5 ELSE 1000 END END;
  age interval := random() * life.any_of('10 minutes', '90 minutes', '3 hours', '30 hours', '40 days')::interval;
  tags text := CASE WHEN dimension = 'a' AND random() < 0.6 THEN life.any_of('{"t": "x"}', '{"t": "y"}', '{"u": "x"}',
    '{"v": "1", "w": "1", "x": "1"}', '{"y": "1", "z": "1"}') END;
BEGIN
  RETURN format('(%s, %L, %s, %L, %L::jsonb)', 1 + floor(random() * 4), dimension, quantity,
    (SELECT now FROM life.setting) - age, tags);
END
$$;

-- Adds events in the session that dblink knows by that name.
CREATE FUNCTION life.write(session text) RETURNS void LANGUAGE sql AS $$
  SELECT life.dblink_exec(session, format(s, events)) FROM (SELECT string_agg(life.event(), ', ') AS events
    FROM generate_series(1, 1 + floor(random() * 5)::int)) e,
    (VALUES ('INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags) VALUES %1$s'),
      ('INSERT INTO life.used (customer_id, dimension, quantity, used_at, tags) VALUES %1$s')) v (s)
$$;

-- What one call does at AWS, and what is noted of it.
CREATE FUNCTION life.call(call bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  how text := life.any_of('answered', 'answered', 'answered', 'answered', 'throttled', 'lost', 'lost', 'retried',
    'killed',
    'alone');
  record tollgate.metering_record;
  said text;
  answers jsonb := '[]';
  records jsonb;
BEGIN
  FOR record IN SELECT r.* FROM tollgate.metering_record r, tollgate.metering_call c
      WHERE c.id = call AND r.id = ANY (c.records) ORDER BY array_position(c.records, r.id) LOOP
    said := life.any_of('success', 'success', 'success', 'success', 'unprocessed', 'unnamed', 'not_subscribed');
    IF how IN ('throttled', 'alone') OR (how IN ('lost', 'killed') AND random() < 0.5) THEN
      answers := answers || '"failed"';
      CONTINUE; -- AWS has done nothing
    END IF;
    IF random() < 0.05 THEN -- somebody else was there before
      INSERT INTO life.aws VALUES (record.customer_id, record.dimension, record.hour, record.quantity % 2147483647 + 1, false)
        ON CONFLICT DO NOTHING;
    END IF;
    IF how IN ('lost', 'killed', 'retried') OR said = 'success' OR (said = 'unnamed' AND random() < 0.5) THEN
      INSERT INTO life.aws VALUES (record.customer_id, record.dimension, record.hour, record.quantity, true)
        ON CONFLICT DO NOTHING;
      -- AWS's own sources differ in what a repeat is answered.
      IF NOT FOUND OR how = 'retried' THEN
        SELECT CASE WHEN a.ours AND random() < 0.6 THEN 'success' ELSE 'duplicate' END INTO said FROM life.aws a
          WHERE (a.customer_id, a.dimension, a.hour) = (record.customer_id, record.dimension, record.hour)
            AND said = 'success';
        said := coalesce(said, 'unnamed');
      END IF;
    END IF;
    answers := answers || to_jsonb(said);
  END LOOP;
  SELECT to_jsonb(c.records) INTO records FROM tollgate.metering_call c WHERE c.id = call;
  IF how IN ('answered', 'retried') THEN
    PERFORM tollgate.settle_calls(jsonb_build_array(jsonb_build_object('call', call, 'status', 200,
      'uncertain', how = 'retried', 'records', records, 'said', answers)));
  ELSIF how <> 'killed' THEN
    SELECT jsonb_agg('failed'::text) INTO answers FROM jsonb_array_elements(records);
    PERFORM tollgate.settle_calls(jsonb_build_array(jsonb_build_object('call', call, 'status', 0, 'code', how,
      'uncertain', how = 'lost', 'records', records, 'said', answers)));
    IF how = 'alone' AND jsonb_array_length(records) = 1 THEN
      PERFORM tollgate.refuse_record((records->>0)::bigint, call, 'InvalidUsageDimensionException');
    END IF;
  END IF;
END
$$;

-- What was used, and the ledger does not say so.
CREATE FUNCTION life.unaccepted() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT format('customer %s, %s %s: %s were used, the ledger accepted %s', customer_id, dimension, tags, u.quantity,
      a.accepted)
    FROM (SELECT customer_id, dimension, coalesce(tags, '{}') AS tags, sum(quantity) AS quantity FROM life.used
      GROUP BY 1, 2, 3) u FULL JOIN tollgate.audit_balance() a USING (customer_id, dimension, tags)
    WHERE u.quantity IS DISTINCT FROM a.accepted
$$;

-- Whatever is not as it must be.
CREATE FUNCTION life.problems() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT tollgate.audit_ledger()
  UNION ALL
  SELECT * FROM life.unaccepted()
  UNION ALL
  SELECT format('record %s of %s units is %s, and AWS has %s', s.record_id, s.quantity, s.state, a.quantity)
    FROM tollgate.record_state s LEFT JOIN life.aws a USING (customer_id, dimension, hour)
    WHERE CASE s.state WHEN 'billed' THEN (a.quantity = coalesce(s.honoured, s.quantity)
        AND (a.ours OR s.repair IS NOT NULL)) IS NOT TRUE
      WHEN 'refused' THEN a.ours WHEN 'moved' THEN a.ours WHEN 'frozen' THEN a.ours AND NOT EXISTS (SELECT FROM tollgate.open_call c
        WHERE s.record_id = ANY (c.records)) ELSE false END
  UNION ALL
  SELECT format('customer %s, hour %s: AWS has %s, and no record can be it', a.customer_id, a.hour, a.quantity)
    FROM life.aws a LEFT JOIN tollgate.metering_record r USING (customer_id, dimension, hour)
    WHERE a.ours AND a.quantity IS DISTINCT FROM r.quantity
  UNION ALL
  SELECT format('customer %s, %s, hour %s is there %s times', customer_id, dimension, hour, count(*))
    FROM tollgate.metering_record GROUP BY customer_id, dimension, hour HAVING count(*) > 1
  UNION ALL
  SELECT format('customer %s, month %s: %s used, %s to bill', customer_id, month, sum(quantity), sum(billable))
    FROM tollgate.rollup_line l, tollgate.month_of(l.used_hour) month WHERE dimension = 'inc' AND kind = 'usage'
    GROUP BY customer_id, month HAVING sum(billable) <> greatest(0, sum(quantity) - 20)
  UNION ALL
  SELECT format('record %s has %s whole units of %s', p.record_id, p.quantity, p.units)
    FROM (SELECT j.record_id, l.tags, sum(l.billable) AS units, max(coalesce(a.quantity, CASE WHEN l.tags = '{}'
          AND NOT EXISTS (SELECT FROM tollgate.record_allocation o WHERE o.record_id = j.record_id)
          THEN r.quantity ELSE 0 END)) AS quantity
        FROM tollgate.record_line j JOIN tollgate.rollup_line l ON l.id = j.line_id
          JOIN tollgate.metering_record r ON r.id = j.record_id
          LEFT JOIN tollgate.record_allocation a ON a.record_id = j.record_id AND a.tags = l.tags
        GROUP BY j.record_id, l.tags) p
    WHERE p.quantity > greatest(0, p.units)
  UNION ALL
  SELECT format('record %s has the Timestamp %s, after the end at %s', r.id, r.used_at, e.ends_at)
    FROM tollgate.subscription_end e JOIN tollgate.metering_record r ON r.customer_id = e.customer_id
      AND r.used_at > e.ends_at AND r.frozen_at > e.ends_at + interval '30 minutes' -- it is noted by then
    WHERE r.hour = tollgate.hour_of(e.ends_at) OR NOT EXISTS (SELECT FROM tollgate.metering_record b
      WHERE b.customer_id = r.customer_id AND b.dimension = r.dimension AND b.hour = tollgate.hour_of(e.ends_at))
  UNION ALL
  SELECT format('record %s of %s was frozen at %s with the Timestamp %s', id, hour, frozen_at, used_at)
    FROM tollgate.metering_record r
    WHERE frozen_at < hour + interval '61 minutes' AND NOT EXISTS (SELECT FROM tollgate.customer_event e
        WHERE e.customer_id = r.customer_id AND e.kind = 'ending' AND e.happened_at <= r.frozen_at)
      OR used_at > frozen_at OR used_at <= frozen_at - interval '1430 minutes'
      OR tollgate.month_of(used_at) <> tollgate.month_of(frozen_at - interval '350 minutes')
        AND tollgate.month_of(used_at) <> tollgate.month_of(frozen_at)
$$;

CREATE PROCEDURE life.check_all(what text) LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT string_agg(p, E'\n') INTO problem FROM life.problems() p;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION E'%\n%', what, problem;
  END IF;
END
$$;

-- As the program does it.
CREATE PROCEDURE life.freeze() LANGUAGE plpgsql AS $$
DECLARE
  hours record;
BEGIN
  IF random() < 0.8 THEN
    PERFORM tollgate.expire_records('10 minutes');
    COMMIT;
    PERFORM tollgate.close_customers();
    COMMIT;
  END IF;
  -- Where AWS takes so few records an hour, several hours become one.
  FOR hours IN EXECUTE (SELECT list FROM life.setting)
      USING 86400, 21600, 600, NULL, 'r', life.any_of(NULL, '1', '5') LOOP
    PERFORM tollgate.freeze_hours(hours.first, hours.last, '24 hours', '6 hours', '10 minutes', 2147483647, 'r');
    COMMIT;
  END LOOP;
  PERFORM tollgate.freeze_ending('24 hours', '6 hours', '10 minutes', 2147483647, 'r');
END
$$;

-- A subscription ends, or is taken up again.
CREATE FUNCTION life.turn() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  customer bigint := 1 + floor(random() * 4);
BEGIN
  IF EXISTS (SELECT FROM tollgate.subscription_end e WHERE e.customer_id = customer) THEN
    IF random() < 0.5 THEN
      PERFORM tollgate.resume_customer(customer, 'again');
    END IF;
  ELSIF random() < 0.3 THEN
    PERFORM tollgate.end_customer(customer, (SELECT now - random() * interval '30 minutes' FROM life.setting), 'they left');
  END IF;
END
$$;

-- Somebody looks up what AWS has of a record, and does what follows.
CREATE FUNCTION life.repair(record bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s record;
BEGIN
  SELECT r.*, a.quantity AS there INTO s FROM tollgate.record_state r LEFT JOIN life.aws a USING (customer_id, dimension, hour)
    WHERE r.record_id = record;
  CASE WHEN s.state IN ('unknown', 'unconfirmed') THEN
    PERFORM tollgate.settle_record(record, coalesce(s.there, 0), 'looked up');
  WHEN s.state = 'refused' AND s.there IS NOT NULL THEN
    -- Of a record that was refused for another reason than what stands there, too, nothing is billed twice.
    IF s.code = 'DuplicateRecord' THEN
      PERFORM tollgate.book_shortfall(record, s.there, 'looked up');
    ELSE
      PERFORM tollgate.write_off_record(record, 'it is in doubt');
    END IF;
  ELSE
    PERFORM tollgate.retry_record(record, 'mended');
  END CASE;
END
$$;

CREATE PROCEDURE life.send() LANGUAGE plpgsql AS $$
DECLARE
  calls jsonb;
  call bigint;
  begun bigint[];
BEGIN
  IF random() < 0.4 OR NOT EXISTS (SELECT FROM tollgate.metering_run) THEN
    PERFORM tollgate.begin_run();
    COMMIT;
  END IF;
  SELECT jsonb_agg(records) INTO calls
    FROM (SELECT jsonb_agg(o.record_id) AS records
      FROM (SELECT record_id, row_number() OVER (ORDER BY random()) / 4 AS part
        FROM tollgate.open_record WHERE deadline > tollgate.ledger_time() + interval '10 minutes'
          AND record_id NOT IN (SELECT unnest(c.records) FROM tollgate.open_call c)
        LIMIT 12) o GROUP BY o.part) c;
  IF calls IS NULL THEN
    RETURN;
  END IF;
  begun := ARRAY(SELECT tollgate.begin_calls((SELECT max(id) FROM tollgate.metering_run), calls));
  COMMIT;
  FOREACH call IN ARRAY begun LOOP
    PERFORM life.call(call);
    COMMIT;
  END LOOP;
END
$$;

-- Once: the next thing to happen.
CREATE PROCEDURE life.step() LANGUAGE plpgsql AS $$
DECLARE
  what text := life.any_of('write', 'write', 'write', 'write', 'begin', 'end', 'end', 'roll up', 'roll up', 'freeze',
    'send',
    'send', 'clock', 'clock', 'turn', 'repair', 'redirect');
  session text := life.any_of('w1', 'w2', 'w3');
  is_open boolean;
BEGIN
  CASE what
  WHEN 'write' THEN
    PERFORM life.write(life.any_of('w0', session));
  WHEN 'begin', 'end' THEN
    SELECT s.is_open INTO is_open FROM life.dblink(session,
      'SELECT pg_current_xact_id_if_assigned() IS NOT NULL OR now() <> statement_timestamp()') s (is_open boolean);
    IF is_open THEN
      PERFORM life.dblink_exec(session, life.any_of('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK'));
    ELSIF what = 'begin' THEN
      PERFORM life.dblink_exec(session, 'BEGIN');
      PERFORM life.write(session);
      PERFORM life.dblink_exec(session, 'SAVEPOINT s');
      PERFORM life.write(session);
      PERFORM life.dblink_exec(session, life.any_of('ROLLBACK TO s', 'RELEASE s'));
    END IF;
  WHEN 'roll up' THEN
    COMMIT;
    PERFORM tollgate.roll_up();
  WHEN 'freeze' THEN
    CALL life.freeze();
  WHEN 'send' THEN
    CALL life.send();
  WHEN 'turn' THEN
    PERFORM life.turn();
  WHEN 'repair' THEN
    PERFORM life.repair(r.record_id) FROM (SELECT record_id FROM tollgate.record_state
      WHERE state IN ('refused', 'unknown', 'unconfirmed') ORDER BY record_id LIMIT 1) r;
  WHEN 'redirect' THEN
    UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::111122223333:role/' || round(random() * 10);
    PERFORM tollgate.redirect_records(id, 'another role') FROM tollgate.customer;
  WHEN 'clock' THEN
    PERFORM life.move_clock((SELECT now FROM life.setting) + CASE WHEN random() < 0.1
      THEN life.any_of('5 hours', '23 hours', '49 hours')::interval ELSE random() * interval '50 minutes' END);
  END CASE;
  COMMIT;
END
$$;

-- Everything that may be billed is, in the end: hours pass, AWS answers, nothing new comes.
CREATE PROCEDURE life.finish() LANGUAGE plpgsql AS $$
DECLARE
  session text;
  unbilled text;
BEGIN
  FOREACH session IN ARRAY ARRAY['w1', 'w2', 'w3'] LOOP
    PERFORM life.dblink_exec(session, 'COMMIT');
  END LOOP;
  COMMIT;
  PERFORM tollgate.roll_up();
  COMMIT;
  PERFORM life.repair(record_id) FROM tollgate.record_state WHERE state IN ('refused', 'unknown', 'unconfirmed');
  PERFORM tollgate.resume_customer(customer_id, 'at the end') FROM tollgate.subscription_end;
  COMMIT;
  FOR day IN 1..3 LOOP
    PERFORM life.move_clock((SELECT now FROM life.setting) + interval '20 hours');
    COMMIT;
    CALL life.freeze();
  END LOOP;
  SELECT string_agg(format('customer %s, %s %s: %s', customer_id, dimension, tags, waiting + carried),
    E'\n') INTO unbilled
    FROM tollgate.audit_balance() WHERE waiting + carried >= 1;
  IF unbilled IS NOT NULL THEN
    RAISE EXCEPTION E'units that nobody bills:\n%', unbilled;
  END IF;
END
$$;

-- Two months later: all that was used is dropped, and the ledger knows it still.
CREATE PROCEDURE life.forget() LANGUAGE plpgsql AS $$
DECLARE
  dropped record;
  problem text;
BEGIN
  PERFORM life.move_clock((SELECT now FROM life.setting) + interval '64 days');
  COMMIT;
  CALL life.freeze();
  PERFORM tollgate.begin_run();
  INSERT INTO tollgate.metering_result (record_id, outcome, settled_at)
    SELECT record_id, 'billed', tollgate.ledger_time() FROM tollgate.open_record;
  PERFORM tollgate.settle_record(record_id, quantity, 'at last') FROM tollgate.record_state
    WHERE state IN ('unknown', 'unconfirmed');
  LOOP
    SELECT * INTO dropped FROM tollgate.drop_old_usage(50);
    COMMIT;
    EXIT WHEN dropped.rollups = 0;
  END LOOP;
  SELECT string_agg(p, E'\n') INTO problem FROM (
    SELECT 'is kept: ' || dropped.kept WHERE dropped.kept IS NOT NULL
    UNION ALL SELECT count(*) || ' events are kept' FROM tollgate.usage_event HAVING count(*) > 0
    UNION ALL SELECT tollgate.audit_ledger()
    UNION ALL SELECT * FROM life.unaccepted()) t (p);
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION E'after two months\n%', problem;
  END IF;
END
$$;

CREATE PROCEDURE life.live(seed double precision, steps int) LANGUAGE plpgsql AS $$
DECLARE
  session text;
BEGIN
  PERFORM setseed(seed);
  FOREACH session IN ARRAY ARRAY['w0', 'w1', 'w2', 'w3'] LOOP
    PERFORM life.dblink_connect(session, format('host=%s user=tollgate dbname=%s options=-cclient_min_messages=error',
      (SELECT host FROM life.setting), current_database()));
  END LOOP;
  PERFORM life.move_clock((SELECT now FROM life.setting));
  COMMIT;
  FOR step IN 1..steps LOOP
    CALL life.step();
    IF step % 20 = 0 THEN
      CALL life.check_all('after step ' || step);
      COMMIT;
    END IF;
  END LOOP;
  CALL life.finish();
  CALL life.check_all('at the end');
  CALL life.forget();
END
$$;
