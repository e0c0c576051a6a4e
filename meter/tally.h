/* What a run did, in records and units. */
#ifndef METER_TALLY_H
#define METER_TALLY_H

#include <stdint.h>

struct tally {
	int64_t lost_calls; /* of a run before, that was killed */
	int64_t events, lines;
	int64_t frozen, calls;
	int64_t billed, billed_units;
	int64_t refused, refused_units;         /* by AWS, for good */
	int64_t unconfirmed, unconfirmed_units; /* another quantity may stand at AWS */
	int64_t unknown, unknown_units;         /* may have been honoured; cannot be sent any more */
	int64_t moved, expired_unknown;         /* out of AWS's window; may it have been honoured? */
	int64_t held;                           /* refused, but a setting may be wrong; or like those */
	int64_t left, left_uncertain;           /* for the next run; of these, may have been honoured */
};

#endif
