-- What is not billed yet, and why. Three views: usage that is in no record; that and the records
-- that are open; and by when a run has to deal with them. The reasons: functions/list_reasons.sql.
-- 10 minutes: as long before AWS's deadline the meter stops trying (RUN_MARGIN_S).
CREATE OR REPLACE VIEW tollgate.waiting_usage AS
  SELECT k.customer_id, k.dimension, k.tags, trim_scale(k.units) AS units, k.since,
      CASE
        WHEN e.closes_at <= tollgate.ledger_time() THEN 'ended'
        WHEN k.units < 0 THEN 'negative'
        WHEN k.units < 1 THEN 'fraction'
        WHEN c.metered_by = 'license' AND c.customer_aws_account_id IS NULL THEN 'no account'
        WHEN e.customer_id IS NOT NULL THEN 'last call'
        WHEN k.due < 1 THEN 'running hour'
        WHEN EXISTS (SELECT FROM tollgate.metering_record r WHERE r.customer_id = k.customer_id
          AND r.dimension = k.dimension AND r.hour = k.last_over) THEN 'late'
        ELSE 'next run'
      END AS code,
      -- The hour's last second has to be young enough, its month open, the end not an hour ago.
      least(e.closes_at, k.young + interval '59 minutes 59 seconds' + a.past,
        CASE WHEN a.month_closes > '0' THEN (tollgate.month_of(k.young) + interval '1 month')
          AT TIME ZONE 'UTC' + a.month_closes END) - interval '10 minutes' AS needed_by,
      k.last_over + interval '2 hours 1 minute' AS running_ends
    FROM (
      SELECT w.customer_id, w.dimension, w.tags, sum(w.billable) AS units,
          coalesce(sum(w.billable) FILTER (WHERE w.used_hour <= (SELECT tollgate.hour_of(
            tollgate.ledger_time() - interval '1 hour 1 minute'))), 0) AS due,
          coalesce(min(w.used_hour) FILTER (WHERE w.kind <> 'carry'), min(w.used_hour)) AS since,
          min(w.used_hour) FILTER (WHERE w.kind <> 'carry' AND w.used_hour > (
            SELECT tollgate.ledger_time() - b.past - interval '49 minutes 59 seconds'
              FROM tollgate.aws_window b)) AS young,
          (SELECT tollgate.hour_of(tollgate.ledger_time() - interval '1 hour 1 minute'))
            AS last_over
        FROM tollgate.waiting_line w GROUP BY w.customer_id, w.dimension, w.tags) k
    JOIN tollgate.customer c ON c.id = k.customer_id
    LEFT JOIN tollgate.subscription_end e ON e.customer_id = k.customer_id
    CROSS JOIN tollgate.aws_window a;
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
      SELECT o.customer_id, o.dimension, NULL, sum(o.quantity), min(o.hour),
          tollgate.open_code(o, c.record_id IS NOT NULL), NULL
        FROM tollgate.open_record o
        LEFT JOIN (SELECT unnest(n.records) AS record_id FROM tollgate.open_call n) c
          ON c.record_id = o.record_id
        GROUP BY 1, 2, 6) w
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

CREATE OR REPLACE VIEW tollgate.at_risk AS
  SELECT w.needed_by, w.records, w.units, w.otherwise, w.code,
      coalesce(r.reason, 'AWS refuses it with a code that is not known here.') AS reason, r.to_do
    FROM (
      SELECT min(o.deadline) - interval '10 minutes' AS needed_by, count(*) AS records,
          sum(o.quantity) AS units,
          CASE WHEN o.uncertain OR c.record_id IS NOT NULL THEN 'unknown'
            WHEN e.customer_id IS NOT NULL THEN 'ended' ELSE 'moved' END AS otherwise,
          tollgate.open_code(o, c.record_id IS NOT NULL) AS code
        FROM tollgate.open_record o
        LEFT JOIN (SELECT unnest(n.records) AS record_id FROM tollgate.open_call n) c
          ON c.record_id = o.record_id
        LEFT JOIN tollgate.subscription_end e ON e.customer_id = o.customer_id
        GROUP BY tollgate.hour_of(o.deadline), 4, 5
      UNION ALL
      SELECT min(u.needed_by), NULL, trim_scale(sum(u.units)),
          CASE u.code WHEN 'last call' THEN 'ended' ELSE 'moved' END, u.code
        FROM tollgate.waiting_usage u WHERE u.units >= 1 AND u.needed_by > tollgate.ledger_time()
        GROUP BY u.needed_by, u.code) w
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
