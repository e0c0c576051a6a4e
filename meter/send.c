#include "meter/send.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "meter/judge.h"
#include "meter/queue.h"
#include "meter/sender.h"
#include "meter_queries.h"

enum {
	THREADS = 16,      /* calls in flight; at AWS's quota and 0.2 s a call, 2 would do */
	ROUNDS_MAX = 5,    /* times that what AWS did not take is tried again in this run */
	ROUND_MS = 1000,   /* before the first of them; doubled each time */
	MARGIN_S = 10 * 60, /* before a deadline: clocks differ, calls take time */
	JSON_BYTES_MAX = 8 * 1024 * 1024,
	NUMBER_SIZE = 24,
	ALONE_MAX = 5, /* in a row, without one that passes: then a setting is wrong */
};

/* A record that AWS refused by itself. Whether that is its own fault shows when another one of its
 * product passes. */
struct alone {
	int64_t record_id, call_id, quantity;
	char code[128];
	struct alone *next;
};

struct product {
	char *code;
	bool stopped;
	int64_t honoured;
	int alone_in_a_row;
	struct alone *alone;
	struct product *next;
};

struct sending {
	struct run *run;
	struct queue *queue;
	struct sender *sender;
	struct product *products;
};

static struct product *product_of(struct sending *sending, const struct call *call)
{
	const char *code = call->records[0]->product_code;
	struct product *product = sending->products;

	while (product && strcmp(product->code, code) != 0)
		product = product->next;
	if (product)
		return product;
	product = calloc(1, sizeof *product);
	if (!product || !(product->code = strdup(code))) {
		free(product);
		return NULL;
	}
	product->next = sending->products;
	sending->products = product;
	return product;
}

static void free_products(struct product *list)
{
	while (list) {
		struct product *first = list;

		list = first->next;
		while (first->alone) {
			struct alone *alone = first->alone;

			first->alone = alone->next;
			free(alone);
		}
		free(first->code);
		free(first);
	}
}

/* ---- before a call ---- */

static enum status prepare(struct sending *sending, struct call *call, struct err *err)
{
	return aws_accounts_get(
		sending->run->accounts, &call->records[0]->role, &call->aws, err);
}

/* Takes calls from the queue as long as there is room, without those of a product that stopped. */
static enum status collect(
	struct sending *sending, struct call **ret_calls, int *ret_n, struct err *err)
{
	int room = sender_room(sending->sender);
	struct call **end = ret_calls;

	*ret_calls = NULL;
	*ret_n = 0;
	while (*ret_n < room && !*sending->run->stop) {
		struct call *call;
		struct product *product;
		enum status rc = queue_next(sending->queue, &call, err);

		if (rc || !call)
			return rc;
		product = product_of(sending, call);
		if (!product || product->stopped) {
			call_free(call);
			if (!product)
				return err_set(err, ERR_LOCAL, "no memory for a product");
			continue;
		}
		rc = prepare(sending, call, err);
		if (rc) {
			call_free(call);
			return rc;
		}
		*end = call;
		end = &call->next;
		++*ret_n;
	}
	return OK;
}

static void list_records(struct buf *json, const struct call *call)
{
	for (size_t i = 0; i < call->n; i++)
		buf_printf(json, "%s%" PRId64, i ? "," : "[", call->records[i]->id);
	buf_putc(json, ']');
}

/* One commit for all of them, before the first byte leaves. */
static enum status note_begin(struct run *run, struct call *calls, struct err *err)
{
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	char id[NUMBER_SIZE];
	const char *const values[] = { id, NULL };
	const char *with_json[] = { values[0], NULL };
	auto_result rows = { 0 };
	size_t row = 0;
	enum status rc;

	snprintf(id, sizeof id, "%" PRId64, run->id);
	buf_putc(&json, '[');
	for (const struct call *call = calls; call; call = call->next) {
		list_records(&json, call);
		buf_putc(&json, call->next ? ',' : ']');
	}
	if (json.failed)
		return err_set(err, ERR_LOCAL, "no memory to note calls");
	with_json[1] = buf_text(&json);
	rc = db_run(run->db, METER_BEGIN_CALLS, with_json, 2, &rows, err);
	for (struct call *call = calls; call && !rc; call = call->next) {
		long number = 0;

		if (!text_number(db_result_text(&rows, row++, 0), 1, 0x7fffffffffffffff, &number))
			return err_set(err, ERR_LOCAL, "begin_calls gave no number");
		call->id = number;
	}
	return rc;
}

/* ---- after it ---- */

static void add_json_text(struct buf *json, const char *name, const char *text)
{
	buf_printf(json, ",\"%s\":\"", name);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(json, '\\');
		if ((unsigned char)*text >= ' ')
			buf_putc(json, *text);
	}
	buf_putc(json, '"');
}

static void tell(struct buf *json, const struct call *call)
{
	buf_printf(json, "{\"call\":%" PRId64 ",\"status\":%d,\"uncertain\":%s", call->id,
		call->answer.http_status, call->answer.uncertain && call->rc ? "true" : "false");
	add_json_text(json, "code", call->answer.code);
	add_json_text(json, "request_id", call->answer.request_id);
	buf_puts(json, ",\"records\":[");
	for (size_t i = 0; i < call->n; i++) {
		buf_printf(json, "%s{\"record\":%" PRId64, i ? "," : "", call->records[i]->id);
		add_json_text(json, "said", judge_said(call, i));
		add_json_text(json, "code", judge_code(call, i));
		if (!call->rc && *call->results[i].metering_record_id)
			add_json_text(json, "id", call->results[i].metering_record_id);
		buf_putc(json, '}');
	}
	buf_puts(json, "]}");
}

static enum status note_answers(struct run *run, const struct call *calls, struct err *err)
{
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	const char *values[1];

	buf_putc(&json, '[');
	for (const struct call *call = calls; call; call = call->next) {
		tell(&json, call);
		buf_putc(&json, call->next ? ',' : ']');
	}
	if (json.failed)
		return err_set(err, ERR_LOCAL, "no memory to note answers");
	values[0] = buf_text(&json);
	return db_run(run->db, METER_SETTLE_CALLS, values, 1, NULL, err);
}

static void stop_product(struct sending *sending, struct product *product, const struct call *call)
{
	product->stopped = true;
	sending->run->misconfigured = true;
	log_event(LOG_ERROR, "product_stopped", LOG_TEXT("product", product->code),
		LOG_TEXT("error", call->err.text));
}

static void keep_alone(struct sending *sending, struct product *product, const struct call *call)
{
	struct alone *alone = calloc(1, sizeof *alone);

	log_event(LOG_WARN, "record_refused", LOG_NUM("record", call->records[0]->id),
		LOG_TEXT("product", product->code), LOG_TEXT("error", call->err.text));
	if (alone) { /* else it stays open, for the next run */
		alone->record_id = call->records[0]->id;
		alone->call_id = call->id;
		alone->quantity = call->records[0]->sent.quantity;
		text_copy(alone->code, sizeof alone->code, call->answer.code);
		alone->next = product->alone;
		product->alone = alone;
	}
	if (++product->alone_in_a_row >= ALONE_MAX)
		stop_product(sending, product, call);
}

static void count_record(struct run *run, struct product *product, const struct call *call, size_t i)
{
	int64_t quantity = call->records[i]->sent.quantity;

	switch (call->results[i].outcome) {
	case METERING_SUCCESS:
		run->tally.billed++;
		run->tally.billed_units += quantity;
		product->honoured++;
		product->alone_in_a_row = 0;
		return;
	case METERING_DUPLICATE_RECORD:
	case METERING_CUSTOMER_NOT_SUBSCRIBED:
		run->tally.refused++;
		run->tally.refused_units += quantity;
		run->refused = true;
		log_event(LOG_WARN, "record_refused", LOG_NUM("record", call->records[i]->id),
			LOG_TEXT("product", product->code), LOG_TEXT("error", call->results[i].status));
		return;
	case METERING_OTHER:
	case METERING_UNNAMED:
	case METERING_UNPROCESSED:
		return;
	}
}

static void repeat_or_free(struct sending *sending, struct call *call, bool all)
{
	for (size_t i = 0; i < call->n; i++) {
		struct record *record = call->records[i];

		if ((all || judge_record(call, i) == JUDGE_AGAIN) && ++record->tries < ROUNDS_MAX)
			queue_again(sending->queue, record);
		else
			record_free(record);
	}
	call->n = 0;
	call_free(call);
}

/* What follows for the run; takes the call over. */
static enum status follow(struct sending *sending, struct call *call, struct err *err)
{
	struct product *product = product_of(sending, call);
	enum status rc = OK;

	if (!product)
		return err_set(err, ERR_LOCAL, "no memory for a product");
	switch (judge_call(call)) {
	case JUDGE_DONE:
		for (size_t i = 0; i < call->n; i++)
			count_record(sending->run, product, call, i);
		repeat_or_free(sending, call, false);
		return OK;
	case JUDGE_AGAIN:
		log_event(LOG_WARN, "call_failed", LOG_NUM("call", call->id),
			LOG_TEXT("error", call->err.text));
		repeat_or_free(sending, call, true);
		return OK;
	case JUDGE_HALVE:
		rc = queue_halve(sending->queue, call, err);
		if (!rc)
			return OK;
		break;
	case JUDGE_ALONE:
		keep_alone(sending, product, call);
		break;
	case JUDGE_STOP:
		stop_product(sending, product, call);
		break;
	}
	call_free(call);
	return rc;
}

static enum status settle(struct sending *sending, struct call *calls, struct err *err)
{
	enum status rc = note_answers(sending->run, calls, err);

	while (calls) {
		struct call *call = calls;

		calls = call->next;
		call->next = NULL;
		if (rc)
			call_free(call);
		else
			rc = follow(sending, call, err);
	}
	return rc;
}

static void free_list(struct call *list)
{
	while (list) {
		struct call *first = list;

		list = first->next;
		call_free(first);
	}
}

static enum status start(struct sending *sending, struct call *calls, int n, struct err *err)
{
	enum status rc = n ? note_begin(sending->run, calls, err) : OK;

	if (rc) {
		free_list(calls);
		return rc;
	}
	sending->run->tally.calls += n;
	while (calls) {
		struct call *call = calls;

		calls = call->next;
		call->next = NULL;
		sender_start(sending->sender, call);
	}
	return OK;
}

/* Until nothing is left, or the time for another try has come. */
static enum status drain(struct sending *sending, struct err *err)
{
	for (;;) {
		struct call *calls;
		int n;
		enum status rc = collect(sending, &calls, &n, err);

		if (rc)
			free_list(calls);
		else
			rc = start(sending, calls, n, err);
		calls = rc ? NULL : sender_wait(sending->sender);
		if (rc || !calls)
			return rc;
		rc = settle(sending, calls, err);
		if (rc)
			return rc;
	}
}

/* ---- the end ---- */

/* Records refused by themselves: for good where others of their product passed. */
static enum status end_alone(struct run *run, const struct product *product, struct err *err)
{
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	const char *values[1];

	if (!product->alone)
		return OK;
	if (!product->honoured || product->stopped) {
		for (const struct alone *alone = product->alone; alone; alone = alone->next)
			run->tally.held++;
		run->unsettled = true;
		return OK;
	}
	for (const struct alone *alone = product->alone; alone; alone = alone->next) {
		buf_printf(&json, "%s{\"record\":%" PRId64 ",\"call\":%" PRId64, json.len ? "," : "[",
			alone->record_id, alone->call_id);
		add_json_text(&json, "code", alone->code);
		buf_putc(&json, '}');
		run->tally.refused++;
		run->tally.refused_units += alone->quantity;
	}
	buf_putc(&json, ']');
	run->refused = true;
	values[0] = buf_text(&json);
	return json.failed ? err_set(err, ERR_LOCAL, "no memory to note refusals")
					   : db_run(run->db, METER_REFUSE_RECORDS, values, 1, NULL, err);
}

static enum status send_rounds(struct sending *sending, struct err *err)
{
	int64_t wait_ms = ROUND_MS;
	enum status rc;

	for (;;) {
		rc = drain(sending, err);
		if (rc || *sending->run->stop || !queue_turn(sending->queue))
			break;
		clock_sleep_ms(wait_ms);
		wait_ms *= 2;
	}
	for (const struct product *at = sending->products; at && !rc; at = at->next)
		rc = end_alone(sending->run, at, err);
	return rc;
}

enum status send_all(struct run *run, struct err *err)
{
	struct sending sending = { .run = run };
	enum status rc =
		queue_new(run->db, run->options->product, MARGIN_S, &sending.queue, err);

	if (!rc)
		rc = sender_new(THREADS, &sending.sender, err);
	if (!rc)
		rc = send_rounds(&sending, err);
	sender_free(sending.sender);
	queue_free(sending.queue);
	free_products(sending.products);
	return rc;
}
