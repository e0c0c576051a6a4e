TRUNCATE usage_records RESTART IDENTITY;
INSERT INTO usage_records (customer_identifier, dimension, quantity, used_at)
  SELECT 'cust' || lpad((1 + n / 20)::text, 15, '0'), 'requests', 1 + n % 1000,
    date_trunc('hour', now()) - (2 + n % 20) * interval '1 hour'
  FROM generate_series(0, :n - 1) n;
