#include "meter/guard.h"

#include "base/ledger_state.h"
#include "base/state_dir.h"
#include "db/ledger_check.h"
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
	enum status rc = state_dir_open(&run->conf, &run->state_dir, err), found;

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
	if (!rc)
		rc = ledger_state_write(dir, &check.now, err);
	if (!rc)
		point_reach("state_checked");
	return rc;
}

enum status guard_note(struct run *run, struct err *err)
{
	struct ledger_check check;
	enum status rc = compare(run, NULL, &check, err);

	if (!rc)
		rc = ledger_state_write(buf_text(&run->state_dir), &check.now, err);
	if (!rc)
		point_reach("state_written");
	return rc;
}
