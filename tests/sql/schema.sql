-- What there is, and that it explains itself.
SELECT plan(37);

SELECT tables_are('tollgate', ARRAY['admin_action', 'aws_window', 'contact', 'counter',
  'counter_reading', 'customer', 'customer_event', 'dimension', 'handoff', 'ledger', 'ledger_audit',
  'metering_answer', 'metering_call', 'metering_record', 'metering_repair', 'metering_result',
  'metering_run', 'migration', 'month_sum', 'open_call', 'open_record', 'product', 'record_allocation',
  'record_line', 'registration', 'rollup', 'rollup_dropped', 'rollup_line', 'usage_event',
  'waiting_line', 'write_off', 'write_off_line']);
SELECT views_are('tollgate', ARRAY['at_risk', 'balance', 'customer_state', 'customers',
  'open_queue', 'record_state', 'refused', 'runs', 'subscription_end', 'usage', 'visits', 'waiting',
  'waiting_key', 'waiting_usage']);
SELECT functions_are('tollgate', ARRAY['add_contact', 'add_up', 'add_usage', 'adopt_ledger', 'adopt_license',
  'audit_balance', 'audit_daily', 'audit_ledger', 'begin_calls', 'begin_ending', 'begin_generation',
  'begin_run', 'book_shortfall', 'change_metered_by', 'change_region', 'check_answers',
  'check_customers', 'check_drop', 'check_freeze', 'check_honoured', 'check_not_duplicate', 'check_products', 'check_repair',
  'check_restored', 'check_usage', 'close_customers', 'compare_state', 'contact_fields',
  'contact_of_session', 'drop_old_usage', 'drop_old_visits', 'end_customer', 'end_records', 'end_run',
  'ensure_customer', 'erase_contact', 'event_problem', 'expire_records', 'export_contact',
  'fit_tags', 'fold', 'form_field_problem', 'freeze_apart', 'freeze_ending', 'freeze_gap',
  'freeze_hour', 'freeze_hours',
  'freeze_records', 'give_up_gap', 'group_hours', 'hour_of', 'hours_to_freeze', 'is_app_url', 'is_email', 'is_form', 'is_https_url',
  'is_restored', 'is_rolled_up', 'is_tags', 'keep_product', 'keep_shape', 'keep_sums', 'ledger_identity',
  'ledger_time', 'license_id', 'list_gaps', 'list_reasons', 'lock_ledger', 'lock_usage', 'make_handoff',
  'match_customer', 'merge_visit', 'month_of', 'needed_by', 'note_visit', 'open_code', 'parts_of_hour',
  'record_hour', 'record_reading', 'record_usage', 'records_due', 'redeem_handoff', 'redirect_records', 'refuse_change',
  'refuse_orphans', 'refuse_record', 'register_visit', 'register_visits', 'remap_record', 'repair_record', 'restore_deadlines',
  'restore_deadlines_of',
  'resume_customer', 'retry_record', 'roll_up', 'second_of', 'set_license_id', 'settle_calls', 'settle_record', 'shape_of', 'take_usage', 'time_text',
  'unsettled_line',
  'usage_held_back', 'usage_problem', 'waiting_page', 'write_off_lines', 'write_off_record', 'write_off_waiting']);

SELECT is_empty($$
  SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'tollgate'::regnamespace
    AND c.relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL
$$, 'every table and view has a comment');
SELECT is_empty($$
  SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'tollgate'::regnamespace AND c.relkind IN ('r', 'v')
      AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL
$$, 'every column has a comment');
SELECT is_empty($$
  SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'tollgate'::regnamespace
    AND obj_description(p.oid, 'pg_proc') IS NULL
$$, 'every function has a comment');
SELECT is_empty($$
  SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'tollgate'::regnamespace
    AND t.typtype = 'd' AND obj_description(t.oid, 'pg_type') IS NULL
$$, 'every domain has a comment');

SELECT is_empty($$
  SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'tollgate'::regnamespace
    AND p.prosecdef AND NOT coalesce(
      p.proconfig @> ARRAY['search_path=pg_catalog, tollgate, pg_temp'], false)
$$, 'a function with its owner''s rights has a fixed search_path, pg_temp last');

-- Text that may grow without bound: neither of a domain nor in a check.
SELECT is_empty($$
  SELECT c.oid::regclass, a.attname
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = 'tollgate'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
      AND c.relname <> 'migration' AND a.attgenerated = ''
      AND t.typname IN ('text', 'bytea', 'jsonb')
      -- A role's name; a part of license_arn; what check_usage() looks up, and has checked.
      AND (c.relname, a.attname) NOT IN (('admin_action', 'done_by'), ('customer', 'license_id'), ('usage_event', 'dimension'), ('usage_event', 'tags'),
        ('counter', 'dimension'), ('counter_reading', 'dimension'))
      AND NOT EXISTS (SELECT FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f') AND a.attnum = ANY (k.conkey))
$$, 'every text is bounded');

-- Append-only.
INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
SELECT tollgate.register_visit('r1', NULL, 'p', 'i1', NULL, NULL, NULL, NULL, NULL) \g /dev/null
INSERT INTO tollgate.admin_action (action, reason) VALUES ('a', 'b');
SELECT throws_ok('UPDATE tollgate.customer_event SET kind = ''ended''', 'TG409', NULL,
  'an event is not changed');
SELECT throws_ok('DELETE FROM tollgate.customer_event', 'TG409', NULL, 'an event is not deleted');
SELECT throws_ok('UPDATE tollgate.admin_action SET reason = ''c''', 'TG409', NULL,
  'an audit row is not changed');
SELECT throws_ok('DELETE FROM tollgate.admin_action', 'TG409', NULL,
  'an audit row is not deleted');
SELECT throws_ok(format(statement, name, col), 'TG409', NULL, format('of the ledger''s %s nothing is %s',
    name, done))
  FROM unnest(ARRAY['usage_event', 'rollup', 'rollup_dropped', 'ledger_audit', 'rollup_line', 'metering_record', 'record_line',
      'record_allocation', 'metering_call', 'metering_answer', 'metering_result']) name,
    LATERAL (SELECT attname AS col FROM pg_attribute
      WHERE attrelid = ('tollgate.' || name)::regclass AND attnum > 0 AND attidentity = '' LIMIT 1) a,
    (VALUES ('DELETE FROM tollgate.%I', 'deleted'),
      ('UPDATE tollgate.%I SET %2$I = %2$I', 'changed')) v (statement, done);
SELECT throws_ok('INSERT INTO tollgate.ledger (single) VALUES (' || single || ')', state, NULL,
    'there is one ledger')
  FROM (VALUES ('true', '23505'), ('false', '23514')) v (single, state);

SELECT * FROM finish();
