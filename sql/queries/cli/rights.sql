-- tollgate doctor: a row for each role of a program or person: whether it is there, whether it is
-- the connected one, and what it needs of grants.sql and lacks. By names: a missing function is
-- lacking too.
WITH need AS (SELECT v.role, v.kind, unnest(string_to_array(v.names, ' ')) AS name FROM (VALUES
    ('tollgate_web', 'table', 'migration product'),
    ('tollgate_web', 'function',
      'register_visits note_visit add_contact contact_of_session make_handoff drop_old_visits'),
    ('tollgate_meter', 'table',
      'migration waiting_line open_record open_call metering_record record_allocation '
      'subscription_end'),
    ('tollgate_meter', 'function',
      'audit_daily begin_calls begin_ending begin_run close_customers compare_state '
      'drop_old_usage end_run expire_records freeze_ending freeze_hours group_hours '
      'ledger_time refuse_record roll_up settle_calls usage_held_back'),
    ('tollgate_app', 'table', 'migration'),
    ('tollgate_app', 'function', 'redeem_handoff record_reading record_usage'),
    ('tollgate_admin', 'table',
      'migration product customers refused waiting at_risk runs usage balance'),
    ('tollgate_admin', 'function',
      'adopt_ledger compare_state erase_contact export_contact end_customer resume_customer '
      'retry_record remap_record book_shortfall settle_record write_off_record '
      'write_off_waiting audit_balance audit_ledger usage_held_back ledger_time hour_of '
      'month_of list_reasons open_code fold add_up waiting_page needed_by change_region '
      'redirect_records change_metered_by is_https_url is_app_url is_email is_form '
      'form_field_problem')) v (role, kind, names)),
  schema AS (SELECT oid FROM pg_namespace WHERE nspname = 'tollgate'),
  checked AS (SELECT n.*, r.oid IS NOT NULL AS is_there,
      has_schema_privilege(r.oid, (SELECT oid FROM schema), 'USAGE') AND CASE n.kind
        WHEN 'table' THEN EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM schema)
          AND c.relname = n.name AND has_table_privilege(r.oid, c.oid, 'SELECT'))
        ELSE EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = (SELECT oid FROM schema)
          AND p.proname = n.name AND has_function_privilege(r.oid, p.oid, 'EXECUTE'))
      END AS is_allowed
    FROM need n LEFT JOIN pg_roles r ON r.rolname = n.role)
SELECT role, is_there, role = current_user AS is_connected,
    string_agg(name, ', ' ORDER BY name) FILTER (WHERE is_allowed IS NOT TRUE) AS lacks
  FROM checked GROUP BY role, is_there ORDER BY role;
