/* Faults that a caller of the sandbox can ask for: which there are, and what each does. */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/limits.h"
#include "base/buf.h"

enum {
	FAULT_NAME_SIZE = 64,
	FAULT_RECORDS_MAX = 25, /* of a call */
	FAULT_COUNT_MAX = 1000000,
	FAULT_DELAY_MS_MAX = 110000, /* nginx waits 120 s for an answer */
	FAULT_SLOW_DELAY_MS =
		15000, /* of `slow` without DelayMs: longer than a buyer is kept waiting */
};

enum fault_effect {
	FAULT_NONE,
	FAULT_ERROR,   /* AWS's error of that name */
	FAULT_SLOW,    /* nothing but the delay, which every fault may have */
	FAULT_HTML503, /* as a proxy in between answers */
	FAULT_RESET,   /* the connection ends before the action */
	FAULT_LOST,    /* the connection ends after the action, without a byte */
	FAULT_CUT,     /* the answer ends before its Content-Length */
	FAULT_EXTRA,   /* the answer has members that no reference names */
	/* Of BatchMeterUsage's records: */
	FAULT_UNPROCESSED, /* left unprocessed */
	FAULT_PARTIAL,     /* every second one is */
	FAULT_SHUFFLED,    /* answered in another order */
	FAULT_DROP,        /* the last one is honoured, and not in the answer */
};

/* One that a call met. Zeroed: none. */
struct fault {
	enum fault_effect effect;
	char name[FAULT_NAME_SIZE];
	long delay_ms;
	/* A digit for each record of the call: 1, Match fits it. "": there was no Match. */
	char matched[FAULT_RECORDS_MAX + 1];
};

/* What a fault of that name does; FAULT_NONE if there is none of that name. */
enum fault_effect fault_find(const struct limits *limits, const char *action, const char *name);

/* Whether it is one of BatchMeterUsage alone. */
bool fault_is_of_records(enum fault_effect effect);

/* Whether a fault of that kind concerns record `i` of `n`: with Match those that fit it; without,
 * as its effect says. */
bool fault_concerns(const struct fault *fault, size_t i, size_t n);

/* All names, the sandbox's own first. */
void fault_list(struct buf *out);

#endif
