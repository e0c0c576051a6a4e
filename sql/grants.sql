-- What each role may do, from nothing: a right that is not written here is gone after the next run.
REVOKE ALL ON SCHEMA tollgate
  FROM PUBLIC, tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox;
REVOKE ALL ON ALL TABLES IN SCHEMA tollgate
  FROM PUBLIC, tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA tollgate
  FROM PUBLIC, tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox;
REVOKE ALL ON ALL ROUTINES IN SCHEMA tollgate
  FROM PUBLIC, tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox;

GRANT USAGE ON SCHEMA tollgate TO tollgate_web, tollgate_meter, tollgate_app, tollgate_admin;
GRANT SELECT ON tollgate.migration TO tollgate_web, tollgate_meter, tollgate_app, tollgate_admin;

-- tollgate-fcgi faces the network: it may call what its pages need, and read no customer.
GRANT SELECT ON tollgate.product TO tollgate_web;
GRANT EXECUTE ON FUNCTION
  tollgate.register_visits(text[], double precision[], text[], text[], text[], text[], text[], text[],
    text[]),
  tollgate.note_visit(text, double precision, text, text, text, text),
  tollgate.add_contact(text, text, text, text, text, text, text[], text[], text),
  tollgate.contact_of_session(text),
  tollgate.make_handoff(text, text, text, text, text),
  tollgate.drop_old_visits()
  TO tollgate_web;

-- tollgate-meter: it reads what it sends; all that changes the ledger is a function.
GRANT SELECT ON tollgate.waiting_line, tollgate.open_record, tollgate.open_call,
  tollgate.metering_record,
  tollgate.record_allocation, tollgate.subscription_end TO tollgate_meter;
GRANT SELECT (product_code) ON tollgate.product TO tollgate_meter;
GRANT EXECUTE ON FUNCTION
  tollgate.ledger_time(), tollgate.begin_run(text), tollgate.end_run(bigint, int, jsonb),
  tollgate.roll_up(),
  tollgate.group_hours(interval, interval, interval, timestamptz, text, bigint),
  tollgate.freeze_hours(timestamptz, timestamptz, interval, interval, interval, bigint, text),
  tollgate.freeze_ending(interval, interval, interval, bigint, text),
  tollgate.begin_ending(bigint, timestamptz), tollgate.close_customers(),
  tollgate.expire_records(interval), tollgate.begin_calls(bigint, jsonb),
  tollgate.settle_calls(jsonb),
  tollgate.refuse_record(bigint, bigint, text), tollgate.usage_held_back(),
  tollgate.compare_state(jsonb), tollgate.drop_old_usage(bigint), tollgate.audit_daily()
  TO tollgate_meter;

-- The seller's app.
GRANT INSERT (customer_id, dimension, quantity, used_at, idempotency_key, tags)
  ON tollgate.usage_event TO tollgate_app;
GRANT EXECUTE ON FUNCTION tollgate.record_usage(jsonb),
  tollgate.record_usage(bigint, text, numeric, timestamptz, text, jsonb),
  tollgate.record_reading(bigint, text, text, numeric, timestamptz, jsonb) TO tollgate_app;
GRANT EXECUTE ON FUNCTION tollgate.redeem_handoff(text) TO tollgate_app;

-- People: read everything, edit products, repair by functions that keep the reason.
GRANT SELECT ON tollgate.product, tollgate.dimension, tollgate.customer, tollgate.contact,
  tollgate.registration, tollgate.customer_event, tollgate.handoff, tollgate.admin_action,
  tollgate.customer_state, tollgate.customers, tollgate.visits,
  tollgate.ledger, tollgate.usage_event, tollgate.counter, tollgate.counter_reading,
  tollgate.rollup, tollgate.rollup_line, tollgate.rollup_dropped, tollgate.month_sum,
  tollgate.balance, tollgate.waiting_line, tollgate.metering_record, tollgate.record_line,
  tollgate.record_allocation, tollgate.metering_run, tollgate.metering_call,
  tollgate.metering_answer, tollgate.metering_result, tollgate.open_record, tollgate.open_call,
  tollgate.record_state,
  tollgate.metering_repair, tollgate.write_off, tollgate.write_off_line, tollgate.subscription_end,
  tollgate.usage, tollgate.waiting_key, tollgate.waiting_usage, tollgate.waiting, tollgate.open_queue,
  tollgate.at_risk, tollgate.refused, tollgate.runs, tollgate.aws_window, tollgate.ledger_audit
  TO tollgate_admin;
GRANT EXECUTE ON FUNCTION tollgate.audit_balance(timestamptz, timestamptz),
  tollgate.audit_ledger(timestamptz, timestamptz), tollgate.usage_held_back() TO tollgate_admin;
-- What views call runs with the rights of who reads them.
GRANT EXECUTE ON FUNCTION
  tollgate.ledger_time(), tollgate.hour_of(timestamptz), tollgate.month_of(timestamptz),
  tollgate.list_reasons(), tollgate.open_code(tollgate.open_record, boolean),
  tollgate.fold(text, int), tollgate.add_up(numeric), tollgate.waiting_page(bigint, bigint),
  tollgate.needed_by(timestamptz, timestamptz, interval, interval)
  TO tollgate_admin;
GRANT INSERT ON tollgate.product, tollgate.dimension TO tollgate_admin;
GRANT UPDATE (name, seller_name, logo_url, support_email, support_url, terms_url, privacy_url,
  access_note, handoff_url, form_fields, aws_role_arn, aws_external_id, aws_region, horizon,
  heartbeat, round_up)
  ON tollgate.product TO tollgate_admin;
GRANT UPDATE (description, included) ON tollgate.dimension TO tollgate_admin;
GRANT EXECUTE ON FUNCTION
  tollgate.erase_contact(bigint, text),
  tollgate.export_contact(bigint, text),
  tollgate.end_customer(bigint, timestamptz, text), tollgate.resume_customer(bigint, text),
  tollgate.retry_record(bigint, text), tollgate.remap_record(bigint, text, text),
  tollgate.book_shortfall(bigint, bigint, text), tollgate.settle_record(bigint, bigint, text),
  tollgate.write_off_record(bigint, text), tollgate.write_off_waiting(bigint, text, text),
  tollgate.change_region(bigint, text, text), tollgate.redirect_records(bigint, text),
  tollgate.change_metered_by(bigint, text, text),
  tollgate.compare_state(jsonb), tollgate.adopt_ledger(jsonb, boolean, text)
  TO tollgate_admin;
-- Checks of a row run with the rights of who writes it.
GRANT EXECUTE ON FUNCTION
  tollgate.is_https_url(text), tollgate.is_app_url(text), tollgate.is_email(text),
  tollgate.is_form(jsonb), tollgate.form_field_problem(jsonb)
  TO tollgate_admin;
