-- The end of a dry run.
ROLLBACK;
