#include "meter/exit.h"

#include <sysexits.h>

bool exit_needs_person(enum status rc)
{
	return rc == ERR_LOCAL || rc == ERR_INPUT || rc == ERR_REMOTE;
}

int exit_status(struct exit_facts facts)
{
	if (facts.broken)
		return EX_SOFTWARE;
	if (facts.misconfigured)
		return EX_CONFIG;
	if (facts.refused)
		return EX_DATAERR;
	return facts.unsettled ? EX_TEMPFAIL : EX_OK;
}
