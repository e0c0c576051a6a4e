#include "meter/send.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "meter/account.h"
#include "meter/ending.h"
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

struct sending {
	struct run *run;
	struct reader reader;
	int64_t all; /* that it will give; only counted for the line of progress */
	struct queue urgent; /* of customers who are ending: before the queue */
	struct queue queue;
	struct sender *sender;
	struct call *begun; /* noted in the ledger, and not started yet */
	struct product *products;
	struct account *accounts;
	struct ids held; /* not to be tried, or counted, again in this run */
	struct reader_known known;
};

/* ---- before a call ---- */

static enum status look_up(struct sending *sending, struct call *call, struct err *err)
{
	call->product = product_look_up(&sending->products, call->records[0]);
	if (!call->product)
		return err_set(err, ERR_LOCAL, "no memory for a product");
	return account_open(&sending->accounts, sending->run->accounts, &call->records[0]->role,
		call->product, err);
}

/* Whether it may still be sent in this run. */
static bool is_sendable(const struct call *call, size_t i, void *self)
{
	struct sending *sending = self;
	const struct record *record = call->records[i];

	if (causes_hold(&call->product->causes, record)) {
		sending->run->tally.held++;
		sending->run->tally.held_units += record->sent.quantity;
		ids_add(&sending->held, record->id); /* without memory it may be counted again */
		return false;
	}
	return clock_monotonic_ms() + RUN_MARGIN_S * MS_A_SECOND < record->deadline_ms;
}

/* The next call from the queue, which is fed. NULL: none now. */
static enum status next_call(
	struct sending *sending, int64_t now_ms, struct call **ret_call, struct err *err)
{
	for (;;) {
		enum status rc = queue_take(&sending->urgent, now_ms, ret_call, err);

		if (!rc && !*ret_call)
			rc = queue_take(&sending->queue, now_ms, ret_call, err);
		if (rc || *ret_call || sending->reader.done || !queue_is_hungry(&sending->queue))
			return rc;
		rc = reader_read(&sending->reader, &sending->queue, sending->known, err);
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

/* A subscription that has ended since can't wait for the next run. */
static enum status serve_ending(struct sending *sending, struct err *err)
{
	struct run *run = sending->run;
	struct progress_mark sending_phase;
	bool found;
	enum status rc = ending_look(run, &found, err);

	if (rc || !found || !run->may_freeze || run->options->until_s)
		return rc;
	log_event(LOG_INFO, "served", LOG_TEXT("customers", "whose subscription has just ended"));
	sending_phase = progress_mark(run->progress);
	rc = ending_freeze(run, err);
	progress_return(run->progress, sending_phase);
	return rc ? rc : reader_read_ending(&sending->reader, &sending->urgent, sending->known, err);
}

/* The next calls, noted. */
static enum status begin(struct sending *sending, struct err *err)
{
	struct call *calls;
	enum status rc = collect(sending, &calls, err);

	rc = rc ? rc : reader_note_calls(&sending->reader, calls, err);
	if (!rc && calls)
		rc = ledger_begin(sending->run, calls, err);
	if (rc) {
		call_free_list(calls);
		return rc;
	}
	tally_sent(&sending->run->tally, calls);
	sending->begun = calls;
	return OK;
}

static enum status start(struct sending *sending, struct err *err)
{
	enum status rc = sending->begun ? guard_note(sending->run, err) : OK;

	if (rc)
		return rc;
	sender_start(sending->sender, sending->begun);
	sending->begun = NULL; /* or they would start twice */
	reader_look(&sending->reader);
	return OK;
}

/* The file that they are noted in, their threads and a page that came take time too: all that while
 * PostgreSQL has something to do. Where it fails, it is tried again, and told, after that. */
static void start_meanwhile(void *self)
{
	struct err untold;
	enum status rc = start(self, &untold);

	(void)rc;
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
	call->ready_ms = clock_monotonic_ms() + lane_backoff_ms(call->tries, text_random_fraction());
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

static void note_lane(struct sending *sending, struct call *call, enum judge_next next)
{
	struct lane *lane = call->product->lane;

	if (next != JUDGE_AGAIN) {
		lane_answered(lane);
		return;
	}
	lane_failed(lane, clock_monotonic_ms(), text_random_fraction());
	sending->run->tally.failed_calls++;
	log_event(LOG_WARN, "call_failed", LOG_NUM("call", call->id),
		LOG_TEXT("error", call->err.text));
}

/* What follows for the run; takes the call over. */
static enum status follow(struct sending *sending, struct call *call, struct err *err)
{
	struct product *product = call->product;
	enum judge_next next = judge_call(call);
	enum status rc = OK;

	note_lane(sending, call, next);
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
		ids_add(&sending->held, call->records[0]->id);
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
	enum status rc = ledger_settle(sending->run, calls, start_meanwhile, sending, err);

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
	return sending->reader.done && queue_is_empty(&sending->urgent) &&
		queue_is_empty(&sending->queue);
}

/* The first failure is the one that is told. */
static enum status settle_back(struct sending *sending, struct call **back, enum status rc,
	struct err *err)
{
	struct err other;
	enum status settled = *back ? settle(sending, *back, rc ? &other : err) : OK;

	*back = NULL;
	return rc ? rc : settled;
}

/* Until nothing is left that may be sent in this run. After a signal or a failure no call begins
 * any more; those under way end, and as long as there is a connection they are settled. What came
 * back is settled while the next calls are under way, or AWS would wait for us; but where a
 * call failed, what follows from that comes first. */
static enum status send_open(struct sending *sending, struct err *err)
{
	struct call *back = NULL;
	enum status rc = OK;

	for (;;) {
		bool go_on = !rc && !*sending->run->stop;

		if (!go_on) {
			aws_accounts_withdraw(sending->run->accounts);
			guard_withdraw(sending->run, sender_withdraw(sending->sender));
		}
		if (!go_on || !call_list_is_good(back))
			rc = settle_back(sending, &back, rc, err);
		if (go_on && !rc)
			rc = serve_ending(sending, err);
		if (go_on && !rc)
			rc = begin(sending, err);
		rc = settle_back(sending, &back, rc, err);
		rc = rc ? rc : start(sending, err);
		if (rc)
			guard_withdraw(sending->run, sending->begun);
		sending->begun = NULL;
		if (sender_is_idle(sending->sender) && (rc || !go_on || is_over(sending)))
			return rc;
		tally_show(&sending->run->tally, sending->run->progress, sending->all);
		back = sender_wait(sending->sender, TICK_MS);
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
		for (const struct refusal *held = at->pending; held; held = held->next) {
			run->tally.held++;
			run->tally.held_units += held->quantity;
		}
	}
	account_log_away(sending->accounts);
}

static void sending_done(struct sending *sending)
{
	sender_free(sending->sender);
	reader_done(&sending->reader);
	queue_done(&sending->urgent);
	queue_done(&sending->queue);
	product_free_list(sending->products);
	account_free_list(sending->accounts);
	ids_done(&sending->held);
}

enum status send_all(struct run *run, struct err *err)
{
	struct sending sending = { .run = run,
		.known = { &sending.urgent, &sending.queue, &sending.held } };
	enum status rc = reader_open(run, &sending.reader, err);

	if (!rc)
		rc = sender_new(RUN_CALLS_MAX, RUN_CALLS_AHEAD, &sending.sender, err);
	progress_phase(run->progress, "sending");
	if (!rc && run->progress)
		rc = reader_count(&sending.reader, &sending.all, err);
	if (!rc)
		rc = send_open(&sending, err);
	if (!rc)
		rc = end_products(&sending, err);
	sum_up(&sending);
	sending_done(&sending);
	return rc;
}
