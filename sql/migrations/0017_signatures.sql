-- Functions whose arguments have changed since.
DROP FUNCTION IF EXISTS tollgate.unsettled_line(bigint);
DROP FUNCTION IF EXISTS tollgate.export_contact(bigint);
