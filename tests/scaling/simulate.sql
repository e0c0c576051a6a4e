-- The meter over days, with its own SQL: usage comes each hour, runs roll it up, freeze it and send it, and AWS takes so
-- many records an hour. The ledger's clock is moved by the hour. A run goes on until all is sent, at most ten hours, as
-- its systemd unit lets it; the next one begins at minute 5 of the next hour.
-- psql variable: list (the text of list_hours.sql).
CREATE SCHEMA sim;
CREATE TABLE sim.setting (list text);
INSERT INTO sim.setting VALUES (:'list');
-- After each hour: units that were used in it, and all that are not billed yet.
CREATE TABLE sim.sample (hour int, used bigint, backlog bigint);
-- missed: units of records that AWS did not take any more, or of hours that it does not.
CREATE TABLE sim.total (missed numeric);

INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('p', 'a');
INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  SELECT 'p', 'i' || n, 'customer_identifier' FROM generate_series(1, 200) n;

-- A table, so that plans stay good when the clock is moved.
CREATE TABLE sim.clock (now timestamptz);
INSERT INTO sim.clock VALUES (now());
CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE
  RETURN (SELECT now FROM sim.clock);

-- What a run does before it sends; gives the units that missed their hour. records_an_hour: null: never coalesce.
CREATE PROCEDURE sim.freeze(records_an_hour bigint, INOUT missed numeric) LANGUAGE plpgsql AS $$
DECLARE
  hours record;
BEGIN
  COMMIT;
  PERFORM tollgate.roll_up();
  COMMIT;
  missed := missed + (SELECT moved_units FROM tollgate.expire_records('10 minutes'));
  FOR hours IN EXECUTE (SELECT list FROM sim.setting) USING 86400, 21600, 600, NULL, 'r', records_an_hour LOOP
    missed := missed + (SELECT late FROM tollgate.freeze_hours(hours.first, hours.last, '24 hours', '6 hours',
      '10 minutes', 2147483647, 'r'));
  END LOOP;
END
$$;

-- AWS takes the next hour's records, by deadline. Gives their units.
CREATE FUNCTION sim.send(quota int) RETURNS bigint LANGUAGE sql AS $$
  WITH sent AS (
    INSERT INTO tollgate.metering_result (record_id, outcome, settled_at)
      SELECT o.record_id, 'billed', tollgate.ledger_time()
          + interval '1 hour' * row_number() OVER (ORDER BY o.deadline, o.record_id) / quota
        FROM tollgate.open_record o WHERE o.deadline > tollgate.ledger_time() + interval '10 minutes'
        ORDER BY o.deadline, o.record_id LIMIT quota
      RETURNING record_id)
  SELECT coalesce(sum(r.quantity), 0)::bigint FROM sent JOIN tollgate.metering_record r ON r.id = sent.record_id
$$;

-- keys are used each hour, a unit each; burst of them in the six hours after the day of the start. From the hour
-- away_from to away_to AWS is away, and the program does nothing.
CREATE PROCEDURE sim.live(start timestamptz, hours int, quota int, is_late_coalesced boolean, keys int, burst int,
  away_from int, away_to int) LANGUAGE plpgsql AS $$
DECLARE
  hours_max CONSTANT int := 10; -- TimeoutStartSec of tollgate-meter.service
  used bigint;
  backlog bigint := 0;
  missed numeric := 0;
  began int; -- the run; null: none
BEGIN
  FOR hour IN 1..hours LOOP
    UPDATE sim.clock SET now = start + make_interval(hours => hour, mins => 5);
    COMMIT;
    used := CASE WHEN hour BETWEEN 25 AND 30 THEN burst ELSE keys END;
    INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
      SELECT c, 'a', 1, start + make_interval(hours => hour - 1, mins => 30) FROM generate_series(1, used) c;
    backlog := backlog + used;
    IF hour > away_from AND hour <= away_to THEN
      began := NULL;
    ELSE
      IF began IS NULL THEN
        CALL sim.freeze(CASE WHEN is_late_coalesced THEN quota END, missed);
        began := hour;
      END IF;
      backlog := backlog - sim.send(quota);
      IF hour - began + 1 >= hours_max OR NOT EXISTS (SELECT FROM tollgate.open_record
          WHERE deadline > tollgate.ledger_time() + interval '10 minutes') THEN
        began := NULL;
      END IF;
    END IF;
    INSERT INTO sim.sample VALUES (hour, used, backlog);
    COMMIT;
  END LOOP;
  INSERT INTO sim.total VALUES (missed);
END
$$;

-- What the page says of a life: records sent, hours late at worst, units that missed their hour, units billed in
-- another month, the largest backlog and what is left of it, in hours of the quota.
CREATE FUNCTION sim.summary(quota int) RETURNS text LANGUAGE sql AS $$
  WITH billed AS (
    SELECT r.id, r.hour, l.used_hour, l.billable, s.settled_at
      FROM tollgate.metering_result s JOIN tollgate.metering_record r ON r.id = s.record_id
      JOIN tollgate.record_line j ON j.record_id = r.id JOIN tollgate.rollup_line l ON l.id = j.line_id
      WHERE s.outcome = 'billed')
  SELECT concat_ws(' | ', count(DISTINCT id), round(max(extract(epoch FROM settled_at - used_hour) / 3600 - 1), 1),
      (SELECT missed FROM sim.total),
      coalesce(sum(billable) FILTER (WHERE tollgate.month_of(hour) <> tollgate.month_of(used_hour)), 0),
      (SELECT round(max(backlog) / quota::numeric, 1) FROM sim.sample),
      (SELECT round(backlog / quota::numeric, 1) FROM sim.sample ORDER BY hour DESC LIMIT 1))
    FROM billed
$$;
