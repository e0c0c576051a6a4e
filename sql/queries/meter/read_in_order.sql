-- Once for a connection that reads what is open: each page by the index by deadline. With statistics of an
-- empty queue, which is what it is between two runs, the planner would read all of it and sort it, for
-- each page.
SELECT set_config('enable_sort', 'off', false), set_config('enable_bitmapscan', 'off', false);
