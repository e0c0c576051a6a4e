/* What a run did and what it leaves, in records and units. */
#ifndef METER_TALLY_H
#define METER_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "meter/call.h"
#include "meter/progress.h"

enum {
	TALLY_UNITS_SIZE = 48, /* a sum of many quantities below 10^15, with 9 decimals */
	TALLY_TIME_SIZE = 32,
	TALLY_CODE_SIZE = 128,
	TALLY_CODES_MAX = 32, /* AWS has fewer; what is beyond is counted together */
};

/* Refused for one reason: AWS's code. */
struct tally_code {
	char code[TALLY_CODE_SIZE];
	int64_t records, units;
};

struct tally {
	int64_t rolled_up, lines; /* events, and what they were summed into */
	char rolled_up_units[TALLY_UNITS_SIZE]; /* "": none was rolled up */
	int64_t moved, moved_units; /* out of AWS's window */
	int64_t expired, expired_units; /* so too, and unknown: they may have been honoured */
	char written_off_units[TALLY_UNITS_SIZE]; /* of less than a unit, of who has ended */
	int64_t frozen, frozen_units;
	char late_units[TALLY_UNITS_SIZE]; /* of these, used in an hour that AWS takes no more */
	int64_t hours_a_record, records_saved; /* about; 0: no hours were coalesced */
	int64_t lost_calls; /* of a run before, that was killed */
	int64_t calls, failed_calls;
	int64_t sent, sent_units; /* records that were in a call */
	int64_t billed, billed_units;
	int64_t refused, refused_units; /* by AWS, for good */
	struct tally_code codes[TALLY_CODES_MAX]; /* why */
	size_t n_codes;
	int64_t unconfirmed, unconfirmed_units; /* another quantity may stand at AWS */
	int64_t unknown, unknown_units; /* may have been honoured; cannot be sent any more */
	int64_t held, held_units; /* refused, but a setting may be wrong; or like those */
	/* At the end of the run. */
	int64_t left, left_units; /* open, for the next run */
	int64_t left_uncertain, left_uncertain_units; /* of these, may have been honoured */
	int64_t at_risk, at_risk_units; /* of these, may not meet another run in time */
	int64_t waiting_lines, carried_lines; /* in no record yet; left over by one */
	char waiting_units[TALLY_UNITS_SIZE], carried_units[TALLY_UNITS_SIZE];
	char next_deadline[TALLY_TIME_SIZE]; /* of what is left; "": nothing is */
};

/* Counts a record that AWS refused for good. */
void tally_refused(struct tally *tally, const char *code, int64_t units);

/* What a summary says of it, in its order. */
struct tally_field {
	const char *name; /* NULL ends the list */
	enum { TALLY_NUMBER, TALLY_UNITS, TALLY_TIME } kind; /* int64_t; the others are texts */
	size_t offset; /* in struct tally */
	unsigned flags;
};
enum {
	TALLY_ALWAYS = 1, /* in a line of the log even where it is nothing */
	TALLY_DRY = 2,    /* a dry run knows it too */
};
extern const struct tally_field tally_fields[];

/* Calls that begin now: each of their records once, however often it goes. */
void tally_sent(struct tally *tally, struct call *calls);

/* The line of progress, of so many records in all. progress NULL: nobody looks. */
void tally_show(const struct tally *tally, struct progress *progress, int64_t all);

#endif
