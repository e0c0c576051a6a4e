-- After the phases, as long as it drops something: retention.
SELECT rollups, events, readings, kept FROM tollgate.drop_old_usage();
