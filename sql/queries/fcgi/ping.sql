-- GET /readyz: the newest migration's number, which proves that the schema can be read.
SELECT max(number) FROM tollgate.migration;
