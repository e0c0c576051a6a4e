-- :n customers, who have bought.
INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  SELECT 'prod-bench', 'cust' || lpad(n::text, 15, '0'), 'customer_identifier' FROM generate_series(1, :n) n;
