-- What is looked for once, and not again for each roll-up.
DROP FUNCTION IF EXISTS tollgate.unsettled_line(bigint);
