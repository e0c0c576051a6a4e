#include "meter/queue.h"

#include "meter/product.h"

void queue_done(struct queue *queue)
{
	while (queue->page) {
		struct record *first = queue->page;

		queue->page = first->next;
		record_free(first);
	}
	call_free_list(queue->forming);
	call_free_list(queue->parked);
	*queue = (struct queue){ 0 };
}

bool queue_is_hungry(const struct queue *queue)
{
	return !queue->page && !queue->forming && queue->n_parked < QUEUE_PARKED_MAX;
}

bool queue_is_empty(const struct queue *queue)
{
	return !queue->page && !queue->forming && !queue->parked;
}

void queue_add(struct queue *queue, struct record *record)
{
	record->next = NULL;
	*(queue->page ? queue->page_end : &queue->page) = record;
	queue->page_end = &record->next;
}

static bool add_calls(const struct call *list, struct ids *ids)
{
	for (; list; list = list->next)
		for (size_t i = 0; i < list->n; i++)
			if (!ids_add(ids, list->records[i]->id))
				return false;
	return true;
}

bool queue_add_ids(const struct queue *queue, struct ids *ids)
{
	for (const struct record *at = queue->page; at; at = at->next)
		if (!ids_add(ids, at->id))
			return false;
	return add_calls(queue->forming, ids) && add_calls(queue->parked, ids);
}

static struct call *take_call(struct call **list)
{
	struct call *first = *list;

	if (first) {
		*list = first->next;
		first->next = NULL;
	}
	return first;
}

/* One that cannot start any more is let out too, so that it ends. */
static bool is_ready(const struct call *call, int64_t now_ms)
{
	const struct product *product = call->product;

	if (!product || product->stopped || !product->lane || product->lane->given_up)
		return true;
	return call->ready_ms <= now_ms && lane_is_open(product->lane, now_ms);
}

static struct call *take_parked(struct queue *queue, int64_t now_ms)
{
	struct call **at = &queue->parked;

	while (*at && !is_ready(*at, now_ms))
		at = &(*at)->next;
	if (*at)
		queue->n_parked--;
	return take_call(at);
}

/* Puts a record where it fits; *ret_full is a call that had no room left for it.
 * ERR_LOCAL: no memory; the record stays where it is. */
static enum status place(
	struct queue *queue, struct record *record, struct call **ret_full, struct err *err)
{
	struct call **at = &queue->forming;

	while (*at && !record_goes_with((*at)->records[0], record))
		at = &(*at)->next;
	if (!*at || !call_has_room(*at, record)) {
		struct call *call = call_new();

		if (!call)
			return err_set(err, ERR_LOCAL, "no memory for a call");
		*ret_full = take_call(at);
		call->next = queue->forming;
		queue->forming = call;
		at = &queue->forming;
	}
	record->next = NULL;
	call_add(*at, record);
	return OK;
}

/* Calls that are not full go out at the page's end, before anything that is less urgent. */
static enum status form(struct queue *queue, struct call **ret_call, struct err *err)
{
	while (queue->page && !*ret_call) {
		struct record *record = queue->page;
		struct record *next = record->next;
		enum status rc = place(queue, record, ret_call, err);

		if (rc)
			return rc;
		queue->page = next;
	}
	if (!*ret_call)
		*ret_call = take_call(&queue->forming);
	return OK;
}

enum status queue_take(
	struct queue *queue, int64_t now_ms, struct call **ret_call, struct err *err)
{
	*ret_call = take_parked(queue, now_ms);
	if (*ret_call || queue->n_parked >= QUEUE_PARKED_MAX)
		return OK;
	return form(queue, ret_call, err);
}

void queue_park(struct queue *queue, struct call *call)
{
	call->next = queue->parked;
	queue->parked = call;
	queue->n_parked++;
}

enum status queue_halve(struct queue *queue, struct call *call, struct err *err)
{
	struct call *other = call_new_part(call);
	size_t n = call->n;

	if (!other)
		return err_set(err, ERR_LOCAL, "no memory for a call");
	call->n = call->bytes = 0;
	for (size_t i = 0; i < n; i++)
		call_add(i < n / 2 ? call : other, call->records[i]);
	call->ready_ms = 0;
	queue_park(queue, other);
	queue_park(queue, call);
	return OK;
}
