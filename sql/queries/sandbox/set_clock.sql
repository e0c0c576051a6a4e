-- POST /control/clock. $1 epoch seconds, or null for the real time. Answers with the new time.
UPDATE sandbox.setting
  SET clock_ahead = coalesce(to_timestamp($1::double precision) - clock_timestamp(), interval '0')
  RETURNING extract(epoch FROM clock_timestamp() + clock_ahead);
