-- Oldest first, by the limits of today's edition.
SELECT sum(f.records) FROM generate_series(:oldest, :newest, -1) h, LATERAL tollgate.freeze_hour(
  timestamptz :'hour' - h * interval '1 hour', '24 hours', '6 hours', '10 minutes', 2147483647,
  'us-east-1') f;
