#include "meter/send.h"

#include <stdlib.h>

#include "aws/limits.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "meter/guard.h"
#include "meter/judge.h"
#include "meter/ledger.h"
#include "meter/reader.h"
#include "meter/sender.h"

enum {
	TICK_MS = 200,   /* how soon a signal, and a pause that is over, are seen */
	TRIES_MAX = 8,   /* of a call, over some minutes; the next run goes on */
	MS_A_SECOND = 1000,
};

struct account {
	const struct aws *aws;
	struct lane lane;
	struct account *next;
};

struct sending {
	struct run *run;
	struct reader reader;
	struct queue queue;
	struct sender *sender;
	struct product *products;
	struct account *accounts;
};

static double random_fraction(void)
{
	uint32_t bits;

	text_random(&bits, sizeof bits);
	return bits * 0x1p-32;
}

/* ---- before a call ---- */

static struct lane *lane_of(struct sending *sending, const struct aws *aws)
{
	struct account *account = sending->accounts;

	while (account && account->aws != aws)
		account = account->next;
	if (account)
		return &account->lane;
	account = calloc(1, sizeof *account);
	if (!account)
		return NULL;
	account->aws = aws;
	account->next = sending->accounts;
	sending->accounts = account;
	return &account->lane;
}

/* Who is called for it. A role that cannot be is its product's fault alone. */
static enum status look_up(struct sending *sending, struct call *call, struct err *err)
{
	struct product *product = product_look_up(&sending->products, call->records[0]);
	struct err why;

	if (!product)
		return err_set(err, ERR_LOCAL, "no memory for a product");
	call->product = product;
	if (product->aws || product->stopped)
		return OK;
	if (aws_accounts_get(sending->run->accounts, &call->records[0]->role, &product->aws, &why)) {
		product_stop(product, why.text);
		return OK;
	}
	product->lane = lane_of(sending, product->aws);
	return product->lane ? OK : err_set(err, ERR_LOCAL, "no memory for an account");
}

/* Whether it may still be sent in this run. */
static bool is_sendable(const struct call *call, size_t i, void *self)
{
	struct sending *sending = self;
	const struct record *record = call->records[i];

	if (causes_hold(&call->product->causes, record)) {
		sending->run->tally.held++;
		return false;
	}
	return clock_monotonic_ms() + RUN_MARGIN_S * MS_A_SECOND < record->deadline_ms;
}

/* The next call from the queue, which is fed. NULL: none now. */
static enum status next_call(
	struct sending *sending, int64_t now_ms, struct call **ret_call, struct err *err)
{
	for (;;) {
		enum status rc = queue_take(&sending->queue, now_ms, ret_call, err);

		if (rc || *ret_call || sending->reader.done || !queue_is_hungry(&sending->queue))
			return rc;
		rc = reader_page(&sending->reader, &sending->queue, err);
		if (rc)
			return rc;
	}
}

/* Whether the call is to start now; otherwise it was taken over. */
static bool may_start(struct sending *sending, struct call *call, int64_t now_ms)
{
	struct product *product = call->product;

	if (product->stopped || product->lane->given_up) {
		product_close(product, call);
		return false;
	}
	if (!lane_is_open(product->lane, now_ms)) {
		queue_park(&sending->queue, call);
		return false;
	}
	call_keep(call, is_sendable, sending);
	if (!call->n) {
		product_close(product, call);
		return false;
	}
	call->aws = product->aws;
	return true;
}

/* Takes calls from the queue as long as there is room; on failure too, they are the caller's. */
static enum status collect(struct sending *sending, struct call **ret_calls, struct err *err)
{
	int room = sender_room(sending->sender);
	struct call **end = ret_calls;

	*ret_calls = NULL;
	while (room > 0) {
		int64_t now_ms = clock_monotonic_ms();
		struct call *call;
		enum status rc = next_call(sending, now_ms, &call, err);

		if (rc || !call)
			return rc;
		rc = look_up(sending, call, err);
		if (rc) {
			call_free(call);
			return rc;
		}
		if (!may_start(sending, call, now_ms))
			continue;
		lane_start(call->product->lane);
		*end = call;
		end = &call->next;
		room--;
	}
	return OK;
}

/* Notes calls that are about to start: in the ledger, then outside it. */
static enum status begin(struct sending *sending, struct call *calls, struct err *err)
{
	struct err other;
	enum status rc = ledger_begin(sending->run, calls, err);

	if (rc)
		return rc;
	rc = guard_note(sending->run, err);
	if (rc && ledger_withdraw(sending->run, calls, &other))
		log_event(LOG_WARN, "not_withdrawn", LOG_TEXT("error", other.text));
	return rc;
}

static enum status start(struct sending *sending, struct err *err)
{
	struct call *calls;
	enum status rc = collect(sending, &calls, err);

	if (!rc && calls)
		rc = begin(sending, calls, err);
	if (rc) {
		call_free_list(calls);
		return rc;
	}
	while (calls) {
		struct call *call = calls;

		calls = call->next;
		call->next = NULL;
		sending->run->tally.calls++;
		sender_start(sending->sender, call);
	}
	return OK;
}

/* ---- after it ---- */

static bool is_for_again(const struct call *call, size_t i, void *unused)
{
	(void)unused;
	return call->records[i]->outcome == RECORD_OPEN && judge_again(call, i);
}

/* The identical records once more, unless that was often enough for this run. */
static void repeat(struct sending *sending, struct call *call)
{
	if (++call->tries >= TRIES_MAX) {
		product_close(call->product, call);
		return;
	}
	call->ready_ms = clock_monotonic_ms() + lane_backoff_ms(call->tries, random_fraction());
	queue_park(&sending->queue, call);
}

static void take_answers(struct sending *sending, struct call *call)
{
	int64_t billed = 0;

	for (size_t i = 0; i < call->n; i++)
		billed += call->records[i]->outcome == RECORD_BILLED;
	product_honour(call->product, call, billed);
	call_keep(call, is_for_again, NULL);
	if (call->n)
		repeat(sending, call);
	else
		product_close(call->product, call);
}

static void note_lane(struct call *call, enum judge_next next)
{
	struct lane *lane = call->product->lane;

	if (next != JUDGE_AGAIN) {
		lane_answered(lane);
		return;
	}
	lane_failed(lane, clock_monotonic_ms(), random_fraction());
	log_event(LOG_WARN, "call_failed", LOG_NUM("call", call->id),
		LOG_TEXT("error", call->err.text));
}

/* What follows for the run; takes the call over. */
static enum status follow(struct sending *sending, struct call *call, struct err *err)
{
	struct product *product = call->product;
	enum judge_next next = judge_call(call);
	enum status rc = OK;

	note_lane(call, next);
	switch (next) {
	case JUDGE_DONE:
		take_answers(sending, call);
		return OK;
	case JUDGE_AGAIN:
		repeat(sending, call);
		return OK;
	case JUDGE_HALVE:
		rc = queue_halve(&sending->queue, call, err);
		if (!rc)
			return OK;
		break;
	case JUDGE_ALONE:
		rc = product_refuse(product, call, err);
		break;
	case JUDGE_STOP:
		product_stop(product, call->err.text);
		break;
	}
	product_close(product, call);
	return rc;
}

static enum status refuse_due(
	struct sending *sending, struct product *product, bool at_end, struct err *err)
{
	struct refusal *due = product_take_due(product, at_end);
	enum status rc = ledger_refuse(sending->run, due, err);

	refusal_free_list(due);
	return rc;
}

static enum status settle(struct sending *sending, struct call *calls, struct err *err)
{
	enum status rc = ledger_settle(sending->run, calls, err);

	while (calls) {
		struct call *call = calls;
		struct product *product = call->product;

		calls = call->next;
		call->next = NULL;
		if (rc) {
			call_free(call);
			continue;
		}
		rc = follow(sending, call, err);
		if (!rc)
			rc = refuse_due(sending, product, false, err);
	}
	return rc;
}

/* ---- the loop ---- */

static bool is_over(const struct sending *sending)
{
	return sending->reader.done && queue_is_empty(&sending->queue);
}

/* Until nothing is left that may be sent in this run. After a signal or a failure no call starts
 * any more; those under way are waited for and, as long as there is a connection, settled. */
static enum status send_open(struct sending *sending, struct err *err)
{
	enum status rc = OK;

	for (;;) {
		bool go_on = !rc && !*sending->run->stop;
		struct call *calls;

		if (go_on)
			rc = start(sending, err);
		if (sender_is_idle(sending->sender) && (rc || !go_on || is_over(sending)))
			return rc;
		calls = sender_wait(sending->sender, TICK_MS);
		if (calls && !rc) {
			rc = settle(sending, calls, err);
		} else if (calls) {
			struct err other;
			enum status settled = settle(sending, calls, &other);

			(void)settled; /* the first failure is the one that is told */
		}
	}
}

static enum status end_products(struct sending *sending, struct err *err)
{
	enum status rc = OK;

	for (struct product *at = sending->products; at && !rc; at = at->next)
		rc = refuse_due(sending, at, true, err);
	return rc;
}

static void sum_up(const struct sending *sending)
{
	struct run *run = sending->run;

	for (const struct product *at = sending->products; at; at = at->next) {
		run->facts.misconfigured |= at->stopped;
		run->tally.held += product_count_pending(at);
	}
	for (const struct account *at = sending->accounts; at; at = at->next)
		if (at->lane.given_up)
			log_event(LOG_WARN, "aws_away", LOG_TEXT("endpoint", aws_endpoint(at->aws)),
				LOG_TEXT("region", aws_region(at->aws)));
}

static void sending_done(struct sending *sending)
{
	sender_free(sending->sender);
	queue_done(&sending->queue);
	product_free_list(sending->products);
	while (sending->accounts) {
		struct account *first = sending->accounts;

		sending->accounts = first->next;
		free(first);
	}
}

enum status send_all(struct run *run, struct err *err)
{
	const struct limits_action *batch = limits_find_action(run->limits, "BatchMeterUsage");
	const struct limits_member *records = limits_find_member(batch->request, "UsageRecords");
	struct sending sending = { .run = run,
		.reader = { .db = run->db,
			.product = run->options->product,
			.margin_s = RUN_MARGIN_S,
			.tags = limits_find_member(records->members, "UsageAllocations") != NULL } };
	enum status rc = sender_new(RUN_CALLS_MAX, &sending.sender, err);

	if (!rc)
		rc = send_open(&sending, err);
	if (!rc)
		rc = end_products(&sending, err);
	sum_up(&sending);
	sending_done(&sending);
	return rc;
}
