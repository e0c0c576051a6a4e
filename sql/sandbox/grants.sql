-- What each role may do, from nothing: a right that is not written here is gone after the next run.
REVOKE ALL ON SCHEMA sandbox
  FROM PUBLIC, tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox;
REVOKE ALL ON ALL TABLES IN SCHEMA sandbox
  FROM PUBLIC, tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA sandbox
  FROM PUBLIC, tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox;
REVOKE ALL ON ALL ROUTINES IN SCHEMA sandbox
  FROM PUBLIC, tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox;

GRANT USAGE ON SCHEMA sandbox TO tollgate_sandbox;
GRANT SELECT ON sandbox.migration, sandbox.product, sandbox.dimension TO tollgate_sandbox;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON sandbox.customer, sandbox.license, sandbox.token,
  sandbox.fault, sandbox.call, sandbox.usage_record TO tollgate_sandbox;
GRANT SELECT, UPDATE (clock_ahead, calls_per_second, edition, repeat_status, after_end,
  grace_seconds) ON sandbox.setting TO tollgate_sandbox;
GRANT EXECUTE ON FUNCTION
  sandbox.license_id(text),
  sandbox.now(),
  sandbox.begin_call(text, text, text[], text[], text[]),
  sandbox.allocations_problem(jsonb, bigint, int),
  sandbox.read_batch(text, jsonb, timestamptz, int),
  sandbox.meter_batch(text, text, text, jsonb, text, timestamptz, int),
  sandbox.issue_token(text, text, text, text, text, text, text, text, boolean, double precision,
    text[]),
  sandbox.reset()
  TO tollgate_sandbox;
