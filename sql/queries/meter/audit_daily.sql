-- After the phases: the audit, where it is due.
SELECT audited, problems, first_problem FROM tollgate.audit_daily();
