-- An event for each customer and each hour that ended :newest to :oldest hours ago.
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT c.id, 'requests', 1 + (c.id + h) % 1000, timestamptz :'hour' - h * interval '1 hour'
  FROM tollgate.customer c, generate_series(:newest, :oldest) h;
