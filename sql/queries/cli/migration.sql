-- tollgate doctor: the schema's newest migration.
SELECT max(number) FROM tollgate.migration;
