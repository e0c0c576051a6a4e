-- Phase one.
SELECT rollup_id, events, trim_scale(units) AS units, lines FROM tollgate.roll_up();
