#include "sandbox/fault.h"

#include <string.h>

#include "sandbox/errors.h"

static const struct {
	const char *name;
	enum fault_effect effect;
} own[] = {
	{ "slow", FAULT_SLOW },
	{ "html503", FAULT_HTML503 },
	{ "reset", FAULT_RESET },
	{ "lost", FAULT_LOST },
	{ "cut", FAULT_CUT },
	{ "extra", FAULT_EXTRA },
	{ "unprocessed", FAULT_UNPROCESSED },
	{ "partial", FAULT_PARTIAL },
	{ "shuffled", FAULT_SHUFFLED },
	{ "drop", FAULT_DROP },
};

enum { N_OWN = sizeof own / sizeof own[0] };

enum fault_effect fault_find(const struct limits *limits, const char *action, const char *name)
{
	for (size_t i = 0; i < N_OWN; i++)
		if (!strcmp(own[i].name, name))
			return own[i].effect;
	return errors_status(limits, action, name) ? FAULT_ERROR : FAULT_NONE;
}

bool fault_is_of_records(enum fault_effect effect)
{
	return effect >= FAULT_UNPROCESSED;
}

bool fault_concerns(const struct fault *fault, size_t i, size_t n)
{
	if (!fault_is_of_records(fault->effect))
		return false;
	if (*fault->matched)
		return i < strlen(fault->matched) && fault->matched[i] == '1';
	if (fault->effect == FAULT_PARTIAL)
		return i % 2 == 1;
	return fault->effect != FAULT_DROP || i + 1 == n;
}

void fault_list(struct buf *out)
{
	for (size_t i = 0; i < N_OWN; i++)
		buf_printf(out, "%s, ", own[i].name);
	errors_list(out);
}
