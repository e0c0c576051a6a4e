-- :n events of :customers customers as an app has them: by time, any customer's next to any other's.
SELECT setseed(0.5);
COPY (SELECT 1 + floor(random() * :customers)::bigint, 'requests', round((random() * 100)::numeric, 2),
    to_char(tollgate.ledger_time() - interval '20 hours' * (1 - n / :n.0) - interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS.MSOF'),
    'order-' || lpad(n::text, 9, '0') || '-' || lpad(to_hex((random() * 1e9)::bigint), 8, '0')
  FROM generate_series(1, :n) n) TO STDOUT WITH (FORMAT csv);
