-- POST /control/rate. $1 calls per second; 0: no limit.
UPDATE sandbox.setting SET calls_per_second = $1;
