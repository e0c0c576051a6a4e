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
  sandbox.fault, sandbox.call, sandbox.answer, sandbox.usage_record TO tollgate_sandbox;
GRANT SELECT, INSERT, UPDATE, DELETE ON sandbox.caller TO tollgate_sandbox;
GRANT SELECT, INSERT, TRUNCATE ON sandbox.usage, sandbox.client_token, sandbox.registration
  TO tollgate_sandbox;
GRANT SELECT, INSERT, UPDATE (rotated_at), DELETE ON sandbox.signing_key TO tollgate_sandbox;
GRANT SELECT, UPDATE (clock_ahead, calls_per_second, edition, repeat_status, after_end,
  grace_seconds) ON sandbox.setting TO tollgate_sandbox;
GRANT EXECUTE ON FUNCTION
  sandbox.license_id(text),
  sandbox.now(),
  sandbox.begin_call(text, text, text, text[], text[], text[]),
  sandbox.read_batch(text, jsonb, timestamptz, int),
  sandbox.meter_batch(text, text, text, jsonb, text, timestamptz, int),
  sandbox.issue_token(text, text, text, text, text, text, text, text, boolean, double precision,
    text[]),
  sandbox.caller_of(text),
  sandbox.subscribes(sandbox.caller, text),
  sandbox.allocations_problem(jsonb, bigint, int),
  sandbox.meter_usage(text, text, jsonb, int, int, boolean),
  sandbox.register_usage(text, text, text, int, text[]),
  sandbox.rotate_key(text, text, text, double precision),
  sandbox.reset()
  TO tollgate_sandbox;
