/* What a call's answer means: for the ledger, and for what the run does next. */
#ifndef METER_JUDGE_H
#define METER_JUDGE_H

#include "meter/call.h"

/* What the ledger is told of a record (sql/functions/settle_call.sql). */
const char *judge_said(const struct call *call, size_t i);

/* AWS's status or error of it, "" for none. */
const char *judge_code(const struct call *call, size_t i);

enum judge_next {
	JUDGE_DONE,    /* nothing more in this run */
	JUDGE_AGAIN,   /* the identical record, later in this run */
	JUDGE_HALVE,   /* the call was refused whole, and a part of it may pass */
	JUDGE_ALONE,   /* refused by itself */
	JUDGE_STOP,    /* a setting is wrong: nothing more of this product */
};

/* What follows for the call as a whole, where AWS did not answer record by record; JUDGE_DONE where
 * it did. */
enum judge_next judge_call(const struct call *call);

/* The same for a record of a call that AWS answered record by record. */
enum judge_next judge_record(const struct call *call, size_t i);

#endif
