-- Every call. $1 the edition unless /control/settings set another. The sandbox's time in milliseconds
-- since 1970, and the edition in force.
SELECT floor(extract(epoch FROM sandbox.now()) * 1000)::bigint, coalesce(edition, $1)
  FROM sandbox.setting;
