#include "meter/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "meter/json.h"
#include "meter/judge.h"
#include "meter/point.h"
#include "meter/row.h"
#include "meter_queries.h"

enum {
	JSON_BYTES_MAX = 8 * 1024 * 1024,
	NUMBER_SIZE = 24,
	SETTLE_TRIES = 10, /* an answer that is not stored makes all its records uncertain */
	SETTLE_PAUSE_MS = 500,
};

static const long id_max = 0x7fffffffffffffff;

/* ---- before calls ---- */

static void list_records(struct buf *json, const struct call *call)
{
	for (size_t i = 0; i < call->n; i++) {
		buf_putc(json, i ? ',' : '[');
		buf_number(json, call->records[i]->id);
	}
	buf_putc(json, ']');
}

/* The calls' numbers; the last one goes into the state, with its time. */
static enum status read_ids(const struct db_result *rows, struct call *calls,
	struct ledger_state *state, struct err *err)
{
	size_t row = 0;

	for (struct call *call = calls; call; call = call->next) {
		const char *text = db_result_text(rows, row++, 0);
		long id = 0;

		if (!text || !text_number(text, 1, id_max, &id))
			return err_set(err, ERR_LOCAL, "begin_calls gave no number");
		call->id = id;
		if (call->next)
			continue;
		text_copy(state->last_call, sizeof state->last_call, text);
		text_copy(state->called_at, sizeof state->called_at, db_result_text(rows, row - 1, 1));
	}
	return OK;
}

enum status ledger_begin(struct run *run, struct call *calls, struct err *err)
{
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	auto_result rows = { 0 };
	char id[NUMBER_SIZE];
	const char *values[] = { id, NULL };
	enum status rc;

	snprintf(id, sizeof id, "%" PRId64, run->id);
	buf_putc(&json, '[');
	for (const struct call *call = calls; call; call = call->next) {
		list_records(&json, call);
		buf_putc(&json, call->next ? ',' : ']');
	}
	if (json.failed)
		return err_set(err, ERR_LOCAL, "no memory to note calls");
	values[1] = buf_text(&json);
	rc = db_run(run->db, METER_BEGIN_CALLS, values, 2, &rows, err);
	if (rc)
		return rc;
	point_reach("begun");
	return read_ids(&rows, calls, &run->state, err);
}

/* ---- after them ---- */

static bool is_said(const struct call *call, size_t i, enum metering_outcome outcome)
{
	return !call->rc && call->results[i].outcome == outcome;
}

static const char *said_of(const struct run *run, const struct call *call, size_t i)
{
	return is_said(call, i, METERING_SUCCESS) &&
			heard_has(&run->heard, call->records[i]->customer_id)
		? "again"
		: judge_said(call, i);
}

/* Once it is stored. A success counts, whatever else was said of the customer at once. */
static void note_heard(struct run *run, const struct call *calls)
{
	for (const struct call *call = calls; call; call = call->next)
		for (size_t i = 0; i < call->n; i++)
			if (is_said(call, i, METERING_CUSTOMER_NOT_SUBSCRIBED))
				heard_otherwise(&run->heard, call->records[i]->customer_id);
	for (const struct call *call = calls; call; call = call->next)
		for (size_t i = 0; i < call->n; i++)
			if (is_said(call, i, METERING_SUCCESS))
				heard_success(&run->heard, call->records[i]->customer_id);
}

static const char *code_of(const struct run *run, const struct call *call, size_t i)
{
	(void)run;
	return judge_code(call, i);
}

static const char *id_of(const struct run *run, const struct call *call, size_t i)
{
	(void)run;
	return call->rc ? "" : call->results[i].metering_record_id;
}

/* One for each of the call's records. */
static void add_list(struct buf *json, const char *name, const struct run *run,
	const struct call *call,
	const char *(*text)(const struct run *run, const struct call *call, size_t i))
{
	json_name(json, name);
	for (size_t i = 0; i < call->n; i++) {
		buf_putc(json, i ? ',' : '[');
		buf_json_text(json, text(run, call, i));
	}
	buf_putc(json, ']');
}

static void tell(struct buf *json, const struct run *run, const struct call *call)
{
	buf_putc(json, '{');
	json_add_number(json, "call", call->id);
	json_add_number(json, "status", call->answer.http_status);
	json_add_text(json, "code", call->answer.code);
	json_add_text(json, "request_id", call->answer.request_id);
	/* Also where the last try was answered: an earlier one of the same call may have been honoured,
	 * and that is what an answer such as DuplicateRecord would then be about. */
	json_name(json, "uncertain");
	buf_puts(json, call->answer.uncertain ? "true" : "false");
	json_name(json, "records");
	list_records(json, call);
	add_list(json, "said", run, call, said_of);
	add_list(json, "codes", run, call, code_of);
	add_list(json, "ids", run, call, id_of);
	buf_putc(json, '}');
}

static const struct {
	const char *name;
	enum record_outcome outcome;
} outcomes[] = {
	{ "billed", RECORD_BILLED },
	{ "refused", RECORD_REFUSED },
	{ "unconfirmed", RECORD_UNCONFIRMED },
	{ "unknown", RECORD_UNKNOWN },
};

static enum status find_outcome(
	const char *name, size_t len, enum record_outcome *ret_outcome, struct err *err)
{
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		if (strlen(outcomes[i].name) == len && !memcmp(outcomes[i].name, name, len)) {
			*ret_outcome = outcomes[i].outcome;
			return OK;
		}
	}
	return err_set(err, ERR_LOCAL, "the ledger knows an outcome that this program does not");
}

static const char *name_outcome(enum record_outcome outcome)
{
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
		if (outcomes[i].outcome == outcome)
			return outcomes[i].name;
	return "open";
}

static void count_outcome(
	struct run *run, enum record_outcome outcome, const char *code, int64_t units)
{
	struct tally *tally = &run->tally;

	switch (outcome) {
	case RECORD_OPEN:
		return;
	case RECORD_BILLED:
		tally->billed++;
		tally->billed_units += units;
		return;
	case RECORD_REFUSED:
		tally_refused(tally, code, units);
		break;
	case RECORD_UNCONFIRMED:
		tally->unconfirmed++;
		tally->unconfirmed_units += units;
		break;
	case RECORD_UNKNOWN:
		tally->unknown++;
		tally->unknown_units += units;
		break;
	}
	run->facts.refused = true;
}

static void log_outcome(
	int64_t record_id, int64_t units, enum record_outcome outcome, const char *code)
{
	log_event(LOG_WARN, "not_billed", LOG_NUM("record", record_id), LOG_NUM("units", units),
		LOG_TEXT("outcome", name_outcome(outcome)), LOG_TEXT("code", code));
}

static void set_outcome(
	struct run *run, const struct call *call, size_t i, enum record_outcome outcome)
{
	struct record *record = call->records[i];
	int64_t units = record->sent.quantity;

	record->outcome = outcome;
	count_outcome(run, outcome, judge_code(call, i), units);
	if (outcome != RECORD_BILLED && outcome != RECORD_OPEN)
		log_outcome(record->id, units, outcome, judge_code(call, i));
}

/* {billed,NULL,…}: of each of the call's records, in their order. */
static enum status read_outcomes(
	struct run *run, const struct call *call, const char *text, struct err *err)
{
	for (size_t i = 0; i < call->n; i++) {
		size_t len = strcspn(++text, ",}");
		enum record_outcome outcome = RECORD_OPEN;
		enum status rc = OK;

		if (len != 4 || memcmp(text, "NULL", 4) != 0)
			rc = find_outcome(text, len, &outcome, err);
		text += len;
		if (rc)
			return rc;
		if (*text != (i + 1 < call->n ? ',' : '}'))
			return err_set(err, ERR_LOCAL, "settle_calls gave other records than the call's");
		set_outcome(run, call, i, outcome);
	}
	return OK;
}

/* A row for each call, in any order; none for one that was settled before. */
static enum status read_rows(
	struct run *run, const struct db_result *rows, const struct call *calls, struct err *err)
{
	enum status rc = OK;

	for (size_t row = 0; !rc && row < db_result_rows(rows); row++) {
		const struct call *call = calls;
		int64_t id = row_number(rows, row, 0);

		while (call && call->id != id)
			call = call->next;
		if (!call)
			return err_set(err, ERR_LOCAL, "settle_calls gave another call");
		if (!db_result_text(rows, row, 1))
			return err_set(err, ERR_LOCAL, "settle_calls gave no outcomes");
		rc = read_outcomes(run, call, db_result_text(rows, row, 1), err);
	}
	return rc;
}

static bool tell_all(struct buf *json, const struct run *run, const struct call *calls)
{
	buf_putc(json, '[');
	for (const struct call *call = calls; call; call = call->next) {
		tell(json, run, call);
		buf_putc(json, call->next ? ',' : ']');
	}
	return !json->failed;
}

enum status ledger_settle(struct run *run, struct call *calls, void (*meanwhile)(void *self),
	void *self, struct err *err)
{
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	auto_result rows = { 0 };
	const char *values[1];
	enum status rc;

	point_reach("settling");
	if (!tell_all(&json, run, calls))
		return err_set(err, ERR_LOCAL, "no memory to note answers");
	values[0] = buf_text(&json);
	rc = db_send(run->db, METER_SETTLE_CALLS, values, 1, err);
	if (!rc && meanwhile)
		meanwhile(self);
	if (!rc)
		rc = db_receive(run->db, METER_SETTLE_CALLS, &rows, err);
	for (int tries = 1; rc == ERR_RETRY && !db_is_lost(run->db) && tries < SETTLE_TRIES; tries++) {
		log_event(LOG_WARN, "not_settled_yet", LOG_TEXT("error", err->text));
		clock_sleep_ms(SETTLE_PAUSE_MS);
		rc = db_run(run->db, METER_SETTLE_CALLS, values, 1, &rows, err);
	}
	if (rc)
		return rc;
	point_reach("settled");
	note_heard(run, calls);
	return read_rows(run, &rows, calls, err);
}

enum status ledger_withdraw(struct run *run, struct call *calls, struct err *err)
{
	for (struct call *call = calls; call; call = call->next) {
		call->rc = ERR_LOCAL;
		call->answer = (struct aws_answer){ .code = "not_sent" };
	}
	return ledger_settle(run, calls, NULL, NULL, err);
}

/* ---- refusals ---- */

enum status ledger_refuse(
	struct run *run, const struct refusal *refusals, struct err *err)
{
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	auto_result rows = { 0 };
	const char *values[1];
	size_t row = 0;
	enum status rc;

	if (!refusals)
		return OK;
	for (const struct refusal *at = refusals; at; at = at->next) {
		buf_puts(&json, json.len ? ",{" : "[{");
		json_add_number(&json, "record", at->record_id);
		json_add_number(&json, "call", at->call_id);
		json_add_text(&json, "code", at->code);
		buf_putc(&json, '}');
	}
	buf_putc(&json, ']');
	if (json.failed)
		return err_set(err, ERR_LOCAL, "no memory to note refusals");
	values[0] = buf_text(&json);
	rc = db_run(run->db, METER_REFUSE_RECORDS, values, 1, &rows, err);
	if (rc)
		return rc;
	point_reach("refused");
	for (const struct refusal *at = refusals; at; at = at->next) {
		const char *name = db_result_text(&rows, row++, 0);
		enum record_outcome outcome;

		if (!name) /* a person settled it meanwhile */
			continue;
		rc = find_outcome(name, strlen(name), &outcome, err);
		if (rc)
			return rc;
		count_outcome(run, outcome, at->code, at->quantity);
		log_outcome(at->record_id, at->quantity, outcome, at->code);
	}
	return OK;
}
