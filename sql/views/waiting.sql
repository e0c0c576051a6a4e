-- What is not billed yet, and why. Usage that is in no record; records that are open; both; and by when
-- a run has to deal with them. The reasons: functions/list_reasons.sql. There may be a hundred thousand
-- of each: what is worked out for a row is as little as can be.
CREATE OR REPLACE VIEW tollgate.waiting_key AS
  SELECT k.customer_id, k.dimension, k.tags, k.units, k.since,
      CASE
        WHEN e.closes_at <= tollgate.ledger_time() THEN 'ended'
        WHEN k.units < 0 THEN 'negative'
        WHEN k.units < 1 THEN 'fraction'
        WHEN k.customer_id IN (SELECT c.id FROM tollgate.customer c
          WHERE c.metered_by = 'license' AND c.customer_aws_account_id IS NULL) THEN 'no account'
        WHEN e.customer_id IS NOT NULL THEN 'last call'
        WHEN k.due < 1 OR k.due IS NULL THEN 'running hour'
        -- First once for all, then for each. Not EXISTS, for which the planner may read all records
        -- that there are.
        WHEN k.last_over = (SELECT max(n.hour) FROM tollgate.metering_record n
            WHERE n.hour <= (SELECT tollgate.hour_of(
              tollgate.ledger_time() - interval '1 hour 1 minute')))
          AND (SELECT true FROM tollgate.metering_record r WHERE r.customer_id = k.customer_id
            AND r.dimension = k.dimension AND r.hour = k.last_over) THEN 'late'
        ELSE 'next run'
      END AS code, k.oldest_taken, e.closes_at
    FROM (
      SELECT w.customer_id, w.dimension, w.tags, tollgate.add_up(w.billable) AS units,
          tollgate.add_up(w.billable) FILTER (WHERE w.used_hour <= (SELECT tollgate.hour_of(
            tollgate.ledger_time() - interval '1 hour 1 minute'))) AS due,
          coalesce(min(w.used_hour) FILTER (WHERE w.kind <> 'carry'), min(w.used_hour)) AS since,
          min(w.used_hour) FILTER (WHERE w.kind <> 'carry' AND w.used_hour > (
            SELECT tollgate.ledger_time() - b.past - interval '49 minutes 59 seconds'
              FROM tollgate.aws_window b)) AS oldest_taken,
          (SELECT tollgate.hour_of(tollgate.ledger_time() - interval '1 hour 1 minute'))
            AS last_over
        FROM tollgate.waiting_line w GROUP BY 1, 2, 3) k
    LEFT JOIN tollgate.subscription_end e ON e.customer_id = k.customer_id;
COMMENT ON VIEW tollgate.waiting_key IS
  'What the views of what waits are made of: usage that is in no record yet, for each customer, '
  'dimension and set of tags, since each set is billed in whole units of its own';
COMMENT ON COLUMN tollgate.waiting_key.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.waiting_key.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.waiting_key.tags IS 'The tags; {}: none';
COMMENT ON COLUMN tollgate.waiting_key.units IS 'How much, with fractions';
COMMENT ON COLUMN tollgate.waiting_key.since IS
  'The oldest hour that it was used in; that of a record, if all of it is left over from records';
COMMENT ON COLUMN tollgate.waiting_key.code IS 'Why it waits (see list_reasons)';
COMMENT ON COLUMN tollgate.waiting_key.oldest_taken IS
  'The oldest hour that it was used in and that AWS would still take; null: it is older';
COMMENT ON COLUMN tollgate.waiting_key.closes_at IS
  'From then on AWS takes nothing of theirs; null: the subscription runs';

CREATE OR REPLACE VIEW tollgate.waiting_usage AS
  SELECT k.customer_id, k.dimension, k.tags, trim_scale(k.units) AS units, k.since, k.code,
      tollgate.needed_by(k.oldest_taken, k.closes_at, (SELECT a.past FROM tollgate.aws_window a),
        (SELECT a.month_closes FROM tollgate.aws_window a)) AS needed_by,
      (SELECT tollgate.hour_of(tollgate.ledger_time() - interval '1 hour 1 minute'))
        + interval '2 hours 1 minute' AS running_ends
    FROM tollgate.waiting_key k;
COMMENT ON VIEW tollgate.waiting_usage IS
  'Usage that was rolled up and is in no record yet, for each customer, dimension and set of tags, '
  'since each set is billed in whole units of its own';
COMMENT ON COLUMN tollgate.waiting_usage.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.waiting_usage.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.waiting_usage.tags IS 'The tags; {}: none';
COMMENT ON COLUMN tollgate.waiting_usage.units IS 'How much, with fractions';
COMMENT ON COLUMN tollgate.waiting_usage.since IS
  'The oldest hour that it was used in; that of a record, if all of it is left over from records';
COMMENT ON COLUMN tollgate.waiting_usage.code IS 'Why it waits (see list_reasons)';
COMMENT ON COLUMN tollgate.waiting_usage.needed_by IS
  'Until then a run can bill all that AWS would still take in the hour of its use; later, it goes '
  'into a later one. Null: it is older';
COMMENT ON COLUMN tollgate.waiting_usage.running_ends IS
  'When the hour that runs now is over, and a run can freeze it';

CREATE OR REPLACE VIEW tollgate.open_queue AS
  SELECT o.record_id, o.customer_id, o.dimension, o.hour, o.quantity, o.deadline,
      tollgate.open_code(o, o.record_id IN (SELECT unnest(c.records) FROM tollgate.open_call c))
        AS code,
      o.uncertain OR o.record_id IN (SELECT unnest(c.records) FROM tollgate.open_call c)
        AS uncertain
    FROM tollgate.open_record o;
COMMENT ON VIEW tollgate.open_queue IS
  'Records that are open, and why: open_record, for those who ask for all of it';
COMMENT ON COLUMN tollgate.open_queue.record_id IS 'As in open_record, like all that is not said';
COMMENT ON COLUMN tollgate.open_queue.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.open_queue.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.open_queue.hour IS 'The start of the hour';
COMMENT ON COLUMN tollgate.open_queue.quantity IS 'Whole units';
COMMENT ON COLUMN tollgate.open_queue.deadline IS 'From then on AWS does not take it';
COMMENT ON COLUMN tollgate.open_queue.code IS 'Why it is open (see open_code())';
COMMENT ON COLUMN tollgate.open_queue.uncertain IS
  'AWS may have honoured it: an answer was lost, or is not there yet';

CREATE OR REPLACE VIEW tollgate.waiting AS
  SELECT w.customer_id, w.dimension, w.tags, w.units, w.since, w.code,
      coalesce(r.reason, 'AWS refuses it with a code that is not known here.') AS reason,
      CASE WHEN r.code IS NULL THEN 'Ask AWS Marketplace''s seller support, with the code'
        ELSE r.to_do END AS to_do,
      CASE WHEN w.code IN ('running hour', 'late') THEN w.running_ends
        WHEN w.code NOT IN ('fraction', 'negative') AND r.code IS NOT NULL AND r.to_do IS NULL
        THEN tollgate.ledger_time() END AS billed_from, r.no
    FROM (
      SELECT u.customer_id, u.dimension, u.tags, u.units, u.since, u.code, u.running_ends
        FROM tollgate.waiting_usage u
      UNION ALL
      SELECT o.customer_id, o.dimension, NULL, sum(o.quantity), min(o.hour), o.code, NULL
        FROM tollgate.open_queue o GROUP BY o.customer_id, o.dimension, o.code) w
    LEFT JOIN tollgate.list_reasons() r ON r.code = w.code;
COMMENT ON VIEW tollgate.waiting IS
  'What was rolled up and is neither billed nor refused: why, and when it will be. A row for each '
  'customer, dimension and reason, and each set of tags of what is in no record yet';
COMMENT ON COLUMN tollgate.waiting.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.waiting.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.waiting.tags IS 'The tags; {}: none; null: it is in records';
COMMENT ON COLUMN tollgate.waiting.units IS 'How much, with fractions';
COMMENT ON COLUMN tollgate.waiting.since IS 'The oldest hour of it';
COMMENT ON COLUMN tollgate.waiting.code IS
  'Why it waits: what AWS said, or a word of ours (see list_reasons)';
COMMENT ON COLUMN tollgate.waiting.reason IS 'What that means';
COMMENT ON COLUMN tollgate.waiting.to_do IS 'What a person can do; null: nothing is wrong';
COMMENT ON COLUMN tollgate.waiting.billed_from IS
  'The first run after that bills it; null: not before more is used, or a person did something';
COMMENT ON COLUMN tollgate.waiting.no IS
  'The reason''s number in list_reasons(), for lists; null: not there';

-- All in one pass. Here and not in functions/, which are made before the views.
CREATE OR REPLACE FUNCTION tollgate.waiting_page(customer bigint, most bigint)
  RETURNS TABLE (customer_id bigint, dimension text, tags jsonb, units numeric, since timestamptz,
    code text, reason text, to_do text, billed_from timestamptz, no bigint)
  LANGUAGE sql STABLE AS $$
  WITH usage AS MATERIALIZED (
    SELECT u.customer_id, u.dimension, u.tags, u.units, u.since, u.code FROM tollgate.waiting_key u
      WHERE waiting_page.customer IS NULL OR u.customer_id = waiting_page.customer),
  open AS MATERIALIZED (
    SELECT o.hour, o.code, sum(o.quantity) AS units FROM tollgate.open_queue o
      WHERE waiting_page.customer IS NULL OR o.customer_id = waiting_page.customer
      GROUP BY o.hour, o.code),
  -- Not all that is open is grouped: what a customer's dimension has is at most a record an hour, so
  -- among this many of the oldest there are enough of them.
  oldest AS (
    SELECT o.customer_id, o.dimension, o.hour FROM tollgate.open_record o
      WHERE waiting_page.customer IS NULL OR o.customer_id = waiting_page.customer
      ORDER BY o.hour, o.customer_id, o.dimension
      LIMIT waiting_page.most * (SELECT count(DISTINCT n.hour) FROM open n)),
  shown AS (
    SELECT NULL::bigint AS customer_id, NULL::text AS dimension, NULL::jsonb AS tags,
        sum(w.units) AS units, min(w.since) AS since, w.code
      FROM (SELECT u.units, u.since, u.code FROM usage u
        UNION ALL SELECT o.units, o.hour, o.code FROM open o) w
      GROUP BY w.code
    UNION ALL
    (SELECT * FROM (
        (SELECT * FROM usage u ORDER BY u.since, u.customer_id, u.dimension, u.tags
          LIMIT waiting_page.most)
        UNION ALL
        SELECT k.customer_id, k.dimension, NULL, sum(o.quantity), min(o.hour), o.code
          FROM (SELECT f.customer_id, f.dimension FROM oldest f GROUP BY f.customer_id, f.dimension
            ORDER BY min(f.hour), f.customer_id, f.dimension LIMIT waiting_page.most) k
          CROSS JOIN LATERAL (SELECT q.quantity, q.hour, q.code FROM tollgate.open_queue q
            WHERE q.customer_id = k.customer_id AND q.dimension = k.dimension OFFSET 0) o
          GROUP BY k.customer_id, k.dimension, o.code) l
      ORDER BY l.since, l.customer_id, l.dimension, l.tags LIMIT waiting_page.most))
  -- As in the view.
  SELECT s.customer_id, s.dimension, s.tags, trim_scale(s.units), s.since, s.code,
      coalesce(r.reason, 'AWS refuses it with a code that is not known here.'),
      CASE WHEN r.code IS NULL THEN 'Ask AWS Marketplace''s seller support, with the code'
        ELSE r.to_do END,
      CASE WHEN s.code IN ('running hour', 'late')
        THEN tollgate.hour_of(tollgate.ledger_time() - interval '1 hour 1 minute')
          + interval '2 hours 1 minute'
        WHEN s.code NOT IN ('fraction', 'negative') AND r.code IS NOT NULL AND r.to_do IS NULL
        THEN tollgate.ledger_time() END, r.no
    FROM shown s LEFT JOIN tollgate.list_reasons() r ON r.code = s.code
$$;
COMMENT ON FUNCTION tollgate.waiting_page(bigint, bigint) IS
  'What :waiting shows, of a customer or, if null, of all: waiting summed up by reason, without a '
  'customer, and so many of its rows that wait longest';

CREATE OR REPLACE VIEW tollgate.at_risk AS
  SELECT w.needed_by, w.records, w.units,
      (ARRAY['unknown', 'ended', 'moved'])[w.otherwise] AS otherwise, w.code,
      coalesce(r.reason, 'AWS refuses it with a code that is not known here.') AS reason, r.to_do
    FROM (
      SELECT min(o.deadline) - interval '10 minutes' AS needed_by, count(*) AS records,
          sum(o.quantity) AS units,
          -- A number, which is cheaper to group by.
          CASE WHEN o.uncertain THEN 1
            WHEN o.customer_id IN (SELECT e.customer_id FROM tollgate.subscription_end e) THEN 2
            ELSE 3 END AS otherwise,
          o.code
        FROM tollgate.open_queue o GROUP BY tollgate.hour_of(o.deadline), 4, o.code
      UNION ALL
      SELECT n.needed_by, NULL, trim_scale(sum(n.units)),
          CASE n.code WHEN 'last call' THEN 2 ELSE 3 END, n.code
        -- Summed up by what the time comes from: to work that out for each is dear.
        FROM (SELECT tollgate.needed_by(u.oldest_taken, u.closes_at, a.past, a.month_closes)
              AS needed_by, u.units, u.code
            FROM (SELECT k.oldest_taken, k.closes_at, k.code, sum(k.units) AS units
                FROM tollgate.waiting_key k WHERE k.units >= 1
                GROUP BY k.oldest_taken, k.closes_at, k.code) u
            CROSS JOIN tollgate.aws_window a) n
        WHERE n.needed_by > tollgate.ledger_time()
        GROUP BY n.needed_by, n.code) w
    LEFT JOIN tollgate.list_reasons() r ON r.code = w.code;
COMMENT ON VIEW tollgate.at_risk IS
  'Until when a run has to succeed, for what is not billed yet: by hour and reason';
COMMENT ON COLUMN tollgate.at_risk.needed_by IS
  'Ten minutes before AWS does not take the first of it any more';
COMMENT ON COLUMN tollgate.at_risk.records IS 'How many; null: usage that is in no record yet';
COMMENT ON COLUMN tollgate.at_risk.units IS 'How much';
COMMENT ON COLUMN tollgate.at_risk.otherwise IS
  'What it is after that. moved: billed in a later hour; unknown: AWS may have honoured it, and a '
  'person has to find out; ended: never billed, the subscription is over';
COMMENT ON COLUMN tollgate.at_risk.code IS
  'Why it is open: what AWS said, or a word of ours (see list_reasons)';
COMMENT ON COLUMN tollgate.at_risk.reason IS 'What that means';
COMMENT ON COLUMN tollgate.at_risk.to_do IS
  'What a person can do; null: nothing but a run is needed';
