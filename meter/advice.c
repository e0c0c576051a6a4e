#include "meter/advice.h"

#include <stddef.h>
#include <sysexits.h>

static const struct {
	int exit_status;
	const char *text;
} advice[] = {
	{ EX_USAGE, "see tollgate-meter --help" },
	{ EX_DATAERR,
		"a person is needed: in psql, :refused lists what AWS did not take, why, and what to do" },
	{ EX_SOFTWARE,
		"a bug: please report it with what SELECT tollgate.audit_ledger() shows; usage is billed "
		"meanwhile" },
	{ EX_CANTCREAT,
		"nothing, unless it goes on: the other run bills the same; in psql, :runs shows it" },
	{ EX_TEMPFAIL,
		"nothing, the next run goes on with it; if that fails too, in psql, :atrisk shows what is "
		"left, why, and by when a run has to succeed" },
	{ EX_CONFIG,
		"mend what this line or one before it in the log names, and run it again; nothing is lost "
		"meanwhile; tollgate doctor looks at all settings, and in psql, :atrisk shows how much "
		"time there is" },
};

const char *advice_find(int exit_status)
{
	for (size_t i = 0; i < sizeof advice / sizeof advice[0]; i++)
		if (advice[i].exit_status == exit_status)
			return advice[i].text;
	return NULL;
}

const char *advice_unconnected(void)
{
	return "start PostgreSQL, or set PGHOST, PGPORT and PGDATABASE to where it is, which tollgate "
		"doctor looks at; nothing is lost meanwhile, the next run goes on with it";
}
