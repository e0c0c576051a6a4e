-- tollgate doctor: a row for each role of a program or person: whether it is there, whether it is
-- the connected one, and what it needs of grants.sql and lacks. By names: a missing function is
-- lacking too.
WITH need (role, kind, name) AS (VALUES
    ('tollgate_web', 'table', 'migration'),
    ('tollgate_web', 'table', 'product'),
    ('tollgate_web', 'function', 'register_visit'),
    ('tollgate_web', 'function', 'note_visit'),
    ('tollgate_web', 'function', 'add_contact'),
    ('tollgate_web', 'function', 'contact_of_session'),
    ('tollgate_web', 'function', 'make_handoff'),
    ('tollgate_web', 'function', 'drop_old_visits'),
    ('tollgate_meter', 'table', 'migration'),
    ('tollgate_meter', 'function', 'audit_daily'),
    ('tollgate_meter', 'function', 'begin_calls'),
    ('tollgate_meter', 'function', 'begin_ending'),
    ('tollgate_meter', 'function', 'begin_run'),
    ('tollgate_meter', 'function', 'close_customers'),
    ('tollgate_meter', 'function', 'drop_old_usage'),
    ('tollgate_meter', 'function', 'end_run'),
    ('tollgate_meter', 'function', 'expire_records'),
    ('tollgate_meter', 'function', 'freeze_ending'),
    ('tollgate_meter', 'function', 'freeze_hour'),
    ('tollgate_meter', 'function', 'hour_of'),
    ('tollgate_meter', 'function', 'ledger_time'),
    ('tollgate_meter', 'function', 'month_of'),
    ('tollgate_meter', 'function', 'refuse_record'),
    ('tollgate_meter', 'function', 'roll_up'),
    ('tollgate_meter', 'function', 'settle_call'),
    ('tollgate_meter', 'table', 'waiting_line'),
    ('tollgate_meter', 'table', 'open_record'),
    ('tollgate_meter', 'table', 'metering_record'),
    ('tollgate_meter', 'table', 'record_allocation'),
    ('tollgate_app', 'table', 'migration'),
    ('tollgate_app', 'function', 'redeem_handoff'),
    ('tollgate_app', 'function', 'is_tags'),
    ('tollgate_app', 'function', 'record_reading'),
    ('tollgate_app', 'function', 'record_usage'),
    ('tollgate_admin', 'table', 'migration'),
    ('tollgate_admin', 'table', 'product'),
    ('tollgate_admin', 'table', 'customers'),
    ('tollgate_admin', 'function', 'erase_contact'),
    ('tollgate_admin', 'function', 'export_contact'),
    ('tollgate_admin', 'function', 'end_customer'),
    ('tollgate_admin', 'function', 'resume_customer'),
    ('tollgate_admin', 'function', 'retry_record'),
    ('tollgate_admin', 'function', 'remap_record'),
    ('tollgate_admin', 'function', 'book_shortfall'),
    ('tollgate_admin', 'function', 'settle_record'),
    ('tollgate_admin', 'function', 'write_off_record'),
    ('tollgate_admin', 'function', 'write_off_waiting')),
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
