-- The floors of COPY: the columns of an event alone, and the same with the unique index of the keys.
CREATE SCHEMA bare;
CREATE TABLE bare.event AS SELECT customer_id, dimension, quantity, used_at FROM tollgate.usage_event WITH NO DATA;
CREATE TABLE bare.keyed_event AS
  SELECT customer_id, dimension, quantity, used_at, idempotency_key FROM tollgate.usage_event WITH NO DATA;
CREATE UNIQUE INDEX ON bare.keyed_event (customer_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
