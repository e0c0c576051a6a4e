CREATE OR REPLACE AGGREGATE tollgate.add_up(numeric) (
  SFUNC = numeric_add, STYPE = numeric, COMBINEFUNC = numeric_add, PARALLEL = SAFE);
COMMENT ON AGGREGATE tollgate.add_up(numeric) IS
  'As sum(), for many sums of few numbers each: to begin one costs sum() several times as much as to '
  'add to it';
