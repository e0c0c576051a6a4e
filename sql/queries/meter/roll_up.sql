-- Phase one.
SELECT rollup_id, events, units, lines FROM tollgate.roll_up();
