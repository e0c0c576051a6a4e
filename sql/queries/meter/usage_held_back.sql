-- The summary: who has held usage back for $1 seconds or longer; the ten that have longest.
SELECT h.pid, h.gid, h.role, h.application,
    to_char(h.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
    floor(extract(epoch FROM tollgate.ledger_time() - h.since))::bigint AS held_s
  FROM tollgate.usage_held_back() h
  WHERE h.since <= tollgate.ledger_time() - make_interval(secs => $1::int)
  ORDER BY h.since, h.pid, h.gid
  LIMIT 10;
