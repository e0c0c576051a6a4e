-- A freeze says how much usage is billed in a later hour since AWS does not take its own any more.
DROP FUNCTION IF EXISTS
  tollgate.freeze_hour(timestamptz, interval, interval, interval, bigint, text),
  tollgate.freeze_ending(interval, interval, interval, bigint, text),
  tollgate.freeze_records(timestamptz, interval, interval, interval, bigint, text, bigint[], text[],
    boolean),
  tollgate.parts_of_hour(timestamptz, bigint, bigint[], text[], boolean);
