-- The floor of a roll-up: the sums alone, by one process, with the same memory.
SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';
SET jit = off;
\timing on
SELECT count(*) FROM (SELECT customer_id, dimension, coalesce(tags, '{}'), tollgate.hour_of(used_at), max(used_at), count(*),
    sum(quantity) FROM tollgate.usage_event GROUP BY 1, 2, 3, 4) lines;
