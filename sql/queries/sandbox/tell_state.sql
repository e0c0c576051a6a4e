-- The console: the sandbox's time, and the edition that /control/settings chose.
SELECT to_char(sandbox.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS now,
    (SELECT edition FROM sandbox.setting);
