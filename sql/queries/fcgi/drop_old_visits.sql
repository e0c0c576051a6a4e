-- Every so often: how many old visits and hand-off codes were dropped.
SELECT tollgate.drop_old_visits();
