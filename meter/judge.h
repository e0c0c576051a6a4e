/* What a call's answer means: for the ledger, and for what the run does next. */
#ifndef METER_JUDGE_H
#define METER_JUDGE_H

#include "meter/call.h"

/* What the ledger is told of a record (sql/functions/settle_calls.sql). */
const char *judge_said(const struct call *call, size_t i);

/* AWS's status or error of it, "" for none; "unsendable" where it broke AWS's limits and was not
 * sent. */
const char *judge_code(const struct call *call, size_t i);

enum judge_next {
	JUDGE_DONE,  /* AWS answered record by record */
	JUDGE_AGAIN, /* the identical call, later in this run */
	JUDGE_HALVE, /* refused whole, and a part of it may pass */
	JUDGE_ALONE, /* refused, its only record by itself */
	JUDGE_STOP,  /* a setting is wrong: nothing more of this product */
};

/* What follows for the call as a whole. */
enum judge_next judge_call(const struct call *call);

/* After JUDGE_DONE: whether to send the record again in this run, identical. */
bool judge_again(const struct call *call, size_t i);

#endif
