CREATE OR REPLACE FUNCTION tollgate.adopt_ledger(file jsonb, nothing_lost boolean, reason text,
  OUT generation int, OUT events bigint, OUT unknown bigint, OUT unknown_units numeric)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET lock_timeout = '10s' AS $$
DECLARE
  here record;
  next_xid bigint;
BEGIN
  IF coalesce(reason, '') !~ '[^[:space:]]' OR char_length(reason) > 1000 THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = 'a reason of 1 to 1000 characters is needed';
  END IF;
  -- The session that calls this may hold it already.
  IF NOT pg_try_advisory_xact_lock(hashtextextended('tollgate meter', 0)) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = 'a run of tollgate-meter is under way';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tollgate ledger', 0));
  PERFORM tollgate.lock_usage();
  SELECT s.* INTO here FROM tollgate.compare_state(file) s;
  IF here.problem IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = 'the state file is this ledger''s: there is '
      'nothing to adopt';
  END IF;
  IF nothing_lost AND here.gap = 'certain' THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = format('calls were lost: %s', here.problem);
  END IF;
  IF EXISTS (SELECT FROM usage_event e WHERE e.generation > here.generation) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = 'the table ledger is older than usage_event: '
      'restore all tables of one dump';
  END IF;

  -- Each event that is here is committed, whatever this server makes of its transaction's id; so
  -- what the last roll-up did not see is a matter of numbers alone.
  SELECT greatest(e.xid::text::bigint + 1, pg_snapshot_xmax(r.snapshot)::text::bigint)
    INTO next_xid
    FROM (SELECT max(u.xid) AS xid FROM usage_event u WHERE u.generation = here.generation) e
    LEFT JOIN (SELECT n.snapshot FROM rollup n WHERE n.generation = here.generation
      ORDER BY n.id DESC LIMIT 1) r ON true;
  IF next_xid IS NOT NULL THEN
    SELECT t.events INTO events FROM tollgate.take_usage(here.generation,
      format('%s:%s:', next_xid, next_xid)::pg_snapshot) t;
  END IF;
  events := coalesce(events, 0);

  generation := tollgate.begin_generation(file);
  -- Ids of customers who came after the dump are lost, but the seller's app may have them, and goes
  -- on to report usage by them: they are not given to others.
  IF nothing_lost IS NOT TRUE THEN
    PERFORM setval('tollgate.customer_id_seq', s.last_value + 1000000) FROM customer_id_seq s;
  END IF;
  unknown := 0;
  unknown_units := 0;
  IF here.gap <> 'none' AND nothing_lost IS NOT TRUE THEN
    SELECT g.unknown, g.unknown_units INTO unknown, unknown_units
      FROM tollgate.give_up_gap(tollgate.hour_of(here.gap_until)) g;
  END IF;
  INSERT INTO admin_action (action, reason) VALUES (format(
    'adopt_ledger: generation %s, %s records of %s units unknown%s', generation, unknown,
    unknown_units, CASE WHEN nothing_lost THEN ', nothing lost' ELSE '' END), reason);
END
$$;
COMMENT ON FUNCTION tollgate.adopt_ledger(jsonb, boolean, text) IS
  'Makes a copy of the ledger the ledger: a restored dump, a standby that lagged, one whose state '
  'file (null: there is none) was lost. Rolls up what none did, ends as unknown what calls may have '
  'honoured that are not in the ledger, unless nothing_lost, and begins a generation. The state file '
  'is to be written after it: use tollgate ledger adopt. TG409: a run is under way, there is nothing '
  'to adopt, or something was lost after all; TG400: no reason; 55P03: usage is being added';
