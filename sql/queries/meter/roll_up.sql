-- Phase one. $1 the units of this run's roll-ups before.
SELECT rollup_id, events, trim_scale(units + $1::numeric) AS units, lines FROM tollgate.roll_up();
