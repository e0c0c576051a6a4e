#include "meter/call.h"

#include <stdlib.h>

struct call *call_new(void)
{
	struct call *call = calloc(1, sizeof *call);

	if (call)
		call->family = calloc(1, sizeof *call->family);
	if (call && call->family) {
		call->family->parts = 1;
		return call;
	}
	free(call);
	return NULL;
}

struct call *call_new_part(const struct call *call)
{
	struct call *part = calloc(1, sizeof *part);

	if (!part)
		return NULL;
	part->family = call->family;
	part->family->parts++;
	part->product = call->product;
	return part;
}

void refusal_free_list(struct refusal *list)
{
	while (list) {
		struct refusal *first = list;

		list = first->next;
		free(first);
	}
}

void call_free(struct call *call)
{
	if (!call)
		return;
	for (size_t i = 0; i < call->n; i++)
		record_free(call->records[i]);
	if (--call->family->parts == 0) {
		refusal_free_list(call->family->refusals);
		free(call->family);
	}
	free(call);
}

void call_free_list(struct call *list)
{
	while (list) {
		struct call *first = list;

		list = first->next;
		call_free(first);
	}
}

bool call_has_room(const struct call *call, const struct record *record)
{
	return !call->n || (call->n < METERING_RECORDS_MAX &&
		call->bytes + record->bytes <= CALL_BYTES_MAX);
}

void call_add(struct call *call, struct record *record)
{
	call->records[call->n++] = record;
	call->bytes += record->bytes;
}

void call_keep(struct call *call, bool (*keep)(const struct call *call, size_t i, void *arg),
	void *arg)
{
	size_t n = call->n;
	bool kept[METERING_RECORDS_MAX];

	for (size_t i = 0; i < n; i++)
		kept[i] = keep(call, i, arg);
	call->n = call->bytes = 0;
	for (size_t i = 0; i < n; i++) {
		if (kept[i])
			call_add(call, call->records[i]);
		else
			record_free(call->records[i]);
	}
}

void call_make(struct call *call, int64_t deadline_ms)
{
	const struct record *first = call->records[0];
	struct metering_record sent[METERING_RECORDS_MAX];

	for (size_t i = 0; i < call->n; i++)
		sent[i] = call->records[i]->sent;
	call->rc = metering_batch(call->aws, first->by_license ? NULL : first->product_code, sent,
		call->n, deadline_ms, call->results, &call->answer, &call->err);
}

bool call_list_is_good(const struct call *calls)
{
	while (calls && !calls->rc)
		calls = calls->next;
	return !calls;
}
