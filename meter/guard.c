#include "meter/guard.h"

#include "base/ledger_state.h"
#include "base/log.h"
#include "base/state_dir.h"
#include "db/ledger_check.h"
#include "meter/ledger.h"
#include "meter/point.h"
#include "meter_queries.h"

static enum status compare(struct run *run, const struct ledger_state *file,
	struct ledger_check *ret_check, struct err *err)
{
	return ledger_check(run->db, METER_COMPARE_STATE, file, ret_check, err);
}

enum status guard_check(struct run *run, struct err *err)
{
	const char *dir;
	struct ledger_state file;
	struct ledger_check check;
	enum status rc = OK, found;

	if (run->options->dry_run)
		conf_state_dir(&run->conf, &run->state_dir);
	else
		rc = state_dir_open(&run->conf, &run->state_dir, err);
	if (rc)
		return rc;
	dir = buf_text(&run->state_dir);
	found = ledger_state_read(dir, &file, err);
	if (found && found != ERR_MISSING)
		return ERR_LOCAL;
	rc = compare(run, found ? NULL : &file, &check, err);
	if (!rc && *check.problem)
		return err_set(err, ERR_LOCAL, "%s. Nothing is billed from what may be a copy of the "
			"ledger (state file %s/" LEDGER_STATE_NAME "): see tollgate ledger status",
			check.problem, dir);
	if (rc)
		return rc;
	run->state = check.now;
	if (!run->options->dry_run)
		rc = ledger_state_write(dir, &run->state, err);
	if (!rc)
		point_reach("state_checked");
	return rc;
}

enum status guard_note(struct run *run, struct err *err)
{
	enum status rc = ledger_state_write(buf_text(&run->state_dir), &run->state, err);

	if (!rc)
		point_reach("state_written");
	return rc;
}

void guard_withdraw(struct run *run, struct call *calls)
{
	struct err err;

	for (const struct call *call = calls; call; call = call->next)
		run->tally.calls--;
	if (calls && ledger_withdraw(run, calls, &err))
		log_event(LOG_WARN, "not_withdrawn", LOG_TEXT("error", err.text));
	call_free_list(calls);
}
