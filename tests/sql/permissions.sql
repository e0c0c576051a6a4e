-- What each role may do: the whole list, so that a new right, table or function shows here.
SELECT plan(54);

SELECT set_eq($$
  SELECT a.grantee::regrole::text, c.relname::text,
      string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type)
    FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    WHERE c.relnamespace = 'tollgate'::regnamespace AND c.relkind IN ('r', 'v', 'S')
      AND a.grantee <> c.relowner
    GROUP BY a.grantee, c.relname
$$, $$ VALUES
  ('tollgate_web', 'migration', 'SELECT'),
  ('tollgate_web', 'product', 'SELECT'),
  ('tollgate_meter', 'metering_record', 'SELECT'),
  ('tollgate_meter', 'migration', 'SELECT'),
  ('tollgate_meter', 'open_call', 'SELECT'),
  ('tollgate_meter', 'open_record', 'SELECT'),
  ('tollgate_meter', 'record_allocation', 'SELECT'),
  ('tollgate_meter', 'subscription_end', 'SELECT'),
  ('tollgate_meter', 'waiting_line', 'SELECT'),
  ('tollgate_app', 'migration', 'SELECT'),
  ('tollgate_admin', 'admin_action', 'SELECT'),
  ('tollgate_admin', 'at_risk', 'SELECT'),
  ('tollgate_admin', 'aws_window', 'SELECT'),
  ('tollgate_admin', 'balance', 'SELECT'),
  ('tollgate_admin', 'contact', 'SELECT'),
  ('tollgate_admin', 'counter', 'SELECT'),
  ('tollgate_admin', 'counter_reading', 'SELECT'),
  ('tollgate_admin', 'customer', 'SELECT'),
  ('tollgate_admin', 'customer_event', 'SELECT'),
  ('tollgate_admin', 'customer_state', 'SELECT'),
  ('tollgate_admin', 'customers', 'SELECT'),
  ('tollgate_admin', 'dimension', 'INSERT SELECT'),
  ('tollgate_admin', 'handoff', 'SELECT'),
  ('tollgate_admin', 'ledger', 'SELECT'),
  ('tollgate_admin', 'ledger_audit', 'SELECT'),
  ('tollgate_admin', 'metering_answer', 'SELECT'),
  ('tollgate_admin', 'metering_call', 'SELECT'),
  ('tollgate_admin', 'metering_record', 'SELECT'),
  ('tollgate_admin', 'metering_repair', 'SELECT'),
  ('tollgate_admin', 'metering_result', 'SELECT'),
  ('tollgate_admin', 'metering_run', 'SELECT'),
  ('tollgate_admin', 'migration', 'SELECT'),
  ('tollgate_admin', 'month_sum', 'SELECT'),
  ('tollgate_admin', 'open_call', 'SELECT'),
  ('tollgate_admin', 'open_queue', 'SELECT'),
  ('tollgate_admin', 'open_record', 'SELECT'),
  ('tollgate_admin', 'product', 'INSERT SELECT'),
  ('tollgate_admin', 'record_allocation', 'SELECT'),
  ('tollgate_admin', 'record_line', 'SELECT'),
  ('tollgate_admin', 'record_state', 'SELECT'),
  ('tollgate_admin', 'refused', 'SELECT'),
  ('tollgate_admin', 'registration', 'SELECT'),
  ('tollgate_admin', 'rollup', 'SELECT'),
  ('tollgate_admin', 'rollup_dropped', 'SELECT'),
  ('tollgate_admin', 'rollup_line', 'SELECT'),
  ('tollgate_admin', 'runs', 'SELECT'),
  ('tollgate_admin', 'subscription_end', 'SELECT'),
  ('tollgate_admin', 'usage', 'SELECT'),
  ('tollgate_admin', 'usage_event', 'SELECT'),
  ('tollgate_admin', 'visits', 'SELECT'),
  ('tollgate_admin', 'waiting', 'SELECT'),
  ('tollgate_admin', 'waiting_key', 'SELECT'),
  ('tollgate_admin', 'waiting_line', 'SELECT'),
  ('tollgate_admin', 'waiting_usage', 'SELECT'),
  ('tollgate_admin', 'write_off', 'SELECT'),
  ('tollgate_admin', 'write_off_line', 'SELECT')
$$, 'rights on tables and views');

SELECT set_eq($$
  SELECT a.grantee::regrole::text, c.relname::text, t.attname::text, a.privilege_type
    FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
    WHERE c.relnamespace = 'tollgate'::regnamespace
$$, $$
  SELECT 'tollgate_admin' AS grantee, 'product' AS relation, name, 'UPDATE' AS privilege
    FROM unnest(ARRAY['name', 'seller_name', 'logo_url', 'support_email', 'support_url',
      'terms_url', 'privacy_url', 'access_note', 'handoff_url', 'form_fields', 'aws_role_arn', 'aws_external_id',
        'aws_region',
      'horizon', 'heartbeat', 'round_up']) name
  UNION ALL VALUES ('tollgate_admin', 'dimension', 'description', 'UPDATE'),
    ('tollgate_admin', 'dimension', 'included', 'UPDATE'),
    ('tollgate_meter', 'product', 'product_code', 'SELECT')
  UNION ALL SELECT 'tollgate_app', 'usage_event', name, 'INSERT'
    FROM unnest(ARRAY['customer_id', 'dimension', 'quantity', 'used_at', 'idempotency_key',
      'tags']) name
$$, 'rights on columns: a product''s code is not for changing, nor what the ledger fills in');

SELECT set_eq($$
  SELECT a.grantee::regrole::text, p.proname::text
    FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE p.pronamespace = 'tollgate'::regnamespace AND a.grantee <> p.proowner
$$, $$ VALUES
  ('tollgate_web', 'add_contact'),
  ('tollgate_web', 'contact_of_session'),
  ('tollgate_web', 'drop_old_visits'),
  ('tollgate_web', 'make_handoff'),
  ('tollgate_web', 'note_visit'),
  ('tollgate_web', 'register_visits'),
  ('tollgate_meter', 'audit_daily'),
  ('tollgate_meter', 'begin_calls'),
  ('tollgate_meter', 'begin_ending'),
  ('tollgate_meter', 'begin_run'),
  ('tollgate_meter', 'close_customers'),
  ('tollgate_meter', 'compare_state'),
  ('tollgate_meter', 'drop_old_usage'),
  ('tollgate_meter', 'end_run'),
  ('tollgate_meter', 'expire_records'),
  ('tollgate_meter', 'freeze_ending'),
  ('tollgate_meter', 'freeze_hours'),
  ('tollgate_meter', 'group_hours'),
  ('tollgate_meter', 'ledger_time'),
  ('tollgate_meter', 'refuse_record'),
  ('tollgate_meter', 'roll_up'),
  ('tollgate_meter', 'settle_calls'),
  ('tollgate_meter', 'usage_held_back'),
  ('tollgate_app', 'record_reading'),
  ('tollgate_app', 'record_usage'),
  ('tollgate_app', 'redeem_handoff'),
  ('tollgate_admin', 'add_up'),
  ('tollgate_admin', 'adopt_ledger'),
  ('tollgate_admin', 'audit_balance'),
  ('tollgate_admin', 'audit_ledger'),
  ('tollgate_admin', 'book_shortfall'),
  ('tollgate_admin', 'change_metered_by'),
  ('tollgate_admin', 'change_region'),
  ('tollgate_admin', 'end_customer'),
  ('tollgate_admin', 'compare_state'),
  ('tollgate_admin', 'erase_contact'),
  ('tollgate_admin', 'export_contact'),
  ('tollgate_admin', 'fold'),
  ('tollgate_admin', 'form_field_problem'),
  ('tollgate_admin', 'hour_of'),
  ('tollgate_admin', 'is_app_url'),
  ('tollgate_admin', 'is_email'),
  ('tollgate_admin', 'is_form'),
  ('tollgate_admin', 'is_https_url'),
  ('tollgate_admin', 'ledger_time'),
  ('tollgate_admin', 'list_reasons'),
  ('tollgate_admin', 'month_of'),
  ('tollgate_admin', 'needed_by'),
  ('tollgate_admin', 'open_code'),
  ('tollgate_admin', 'redirect_records'),
  ('tollgate_admin', 'remap_record'),
  ('tollgate_admin', 'resume_customer'),
  ('tollgate_admin', 'retry_record'),
  ('tollgate_admin', 'settle_record'),
  ('tollgate_admin', 'usage_held_back'),
  ('tollgate_admin', 'waiting_page'),
  ('tollgate_admin', 'write_off_record'),
  ('tollgate_admin', 'write_off_waiting')
$$, 'rights on functions; nobody else, the public least of all');

SELECT set_eq($$
  SELECT a.grantee::regrole::text, a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a
    WHERE n.nspname = 'tollgate' AND a.grantee <> n.nspowner
$$, $$ VALUES ('tollgate_web', 'USAGE'), ('tollgate_meter', 'USAGE'), ('tollgate_app', 'USAGE'),
  ('tollgate_admin', 'USAGE')
$$, 'rights on the schema: the sandbox has none');

SELECT set_eq($$
  SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'tollgate\_%' AND rolcanlogin
    AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
$$, ARRAY['tollgate_web', 'tollgate_meter', 'tollgate_app', 'tollgate_admin', 'tollgate_sandbox'],
  'the roles can log in and no more');

-- The same by trying, for what matters most.
INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
SELECT tollgate.register_visit('r1', NULL, 'p', 'i1', NULL, NULL, NULL, NULL, NULL) \g /dev/null

SELECT is(state_as('tollgate_web', 'SELECT FROM tollgate.' || name), '42501',
  'tollgate_web may not read ' || name)
  FROM unnest(ARRAY['admin_action', 'contact', 'customer', 'customer_event', 'customer_state',
    'customers', 'handoff', 'registration', 'visits']) name;
SELECT is(state_as('tollgate_web', statement), '42501', 'tollgate_web may not: ' || statement)
  FROM unnest(ARRAY['UPDATE tollgate.product SET name = ''x''',
    'SELECT tollgate.redeem_handoff(''x'')', 'SELECT tollgate.erase_contact(1, ''x'')',
    'SELECT tollgate.ensure_customer(''p'', ''i'', NULL, NULL, NULL, NULL, now())',
    'CREATE TABLE tollgate.mine ()']) statement;
SELECT is(state_as('tollgate_web', statement), '00000', 'tollgate_web may: ' || statement)
  FROM unnest(ARRAY['SELECT name FROM tollgate.product',
    'SELECT tollgate.register_visits(''{r2}'', ''{NULL}'', ''{p}'', ''{i2}'', ''{NULL}'', ''{NULL}'', ''{NULL}'', ''{NULL}'', ''{NULL}'')',
    'SELECT tollgate.drop_old_visits()']) statement;
SELECT is(state_as(role, 'SELECT FROM tollgate.contact'), '42501',
    role || ' may not read contact data')
  FROM unnest(ARRAY['tollgate_meter', 'tollgate_app', 'tollgate_sandbox']) role;
SELECT is(state_as('tollgate_app', 'SELECT tollgate.redeem_handoff(''x'')'), 'TG404',
  'tollgate_app may redeem a code');
SELECT is(state_as('tollgate_admin', statement), '42501', 'tollgate_admin may not: ' || statement)
  FROM unnest(ARRAY['UPDATE tollgate.customer SET metered_by = ''account''',
    'DELETE FROM tollgate.contact', 'DELETE FROM tollgate.product']) statement;
SELECT is(state_as('tollgate_admin', statement), '00000', 'tollgate_admin may: ' || statement)
  FROM unnest(ARRAY[
    'INSERT INTO tollgate.product (product_code, name) VALUES (''q'', ''Q'')',
    'UPDATE tollgate.product SET form_fields = ''[{"name": "a", "label": "A"}]''',
    'UPDATE tollgate.product SET handoff_url = ''http://localhost:3000/link''',
    'UPDATE tollgate.product SET support_email = ''a@example.com''',
    'SELECT * FROM tollgate.customers, tollgate.visits']) statement;

-- Who moves units: the meter by its functions, nobody by hand.
SELECT is(state_as(role, statement), '42501', role || ' may not: ' || statement)
  FROM (VALUES ('tollgate_meter', 'INSERT INTO tollgate.usage_event (customer_id) VALUES (1)'),
    ('tollgate_meter', 'SELECT FROM tollgate.usage_event'),
    ('tollgate_meter', 'SELECT FROM tollgate.customer'),
    ('tollgate_meter', 'DELETE FROM tollgate.open_record'),
    ('tollgate_meter', 'UPDATE tollgate.month_sum SET refused = 0'),
    ('tollgate_meter', 'INSERT INTO tollgate.metering_result (record_id) VALUES (1)'),
    ('tollgate_app', 'SELECT tollgate.roll_up()'),
    ('tollgate_app', 'SELECT FROM tollgate.balance'),
    ('tollgate_admin', 'INSERT INTO tollgate.usage_event (customer_id) VALUES (1)'),
    ('tollgate_admin', 'UPDATE tollgate.metering_result SET outcome = ''billed'''),
    ('tollgate_admin', 'SELECT tollgate.settle_calls(''[]'')'),
    ('tollgate_admin', 'SELECT tollgate.lock_ledger()'),
    ('tollgate_admin', 'UPDATE tollgate.ledger SET generation = 9'),
    ('tollgate_meter', 'SELECT tollgate.adopt_ledger(NULL, true, ''x'')'),
    ('tollgate_admin', 'SELECT tollgate.drop_old_usage()'),
    ('tollgate_admin', 'INSERT INTO tollgate.rollup_dropped (rollup_id, dropped_at) VALUES (1, now())'),
    ('tollgate_meter', 'DELETE FROM tollgate.usage_event'),
    ('tollgate_admin', 'UPDATE tollgate.product SET usage_dropped_until = NULL'),
    ('tollgate_web', 'SELECT FROM tollgate.usage_event'),
    ('tollgate_sandbox', 'SELECT FROM tollgate.metering_record')) v (role, statement);

SELECT * FROM finish();
