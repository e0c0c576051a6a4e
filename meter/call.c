#include "meter/call.h"

#include <stdlib.h>

struct call *call_new(void)
{
	return calloc(1, sizeof(struct call));
}

void call_free(struct call *call)
{
	if (!call)
		return;
	for (size_t i = 0; i < call->n; i++)
		record_free(call->records[i]);
	free(call);
}

bool call_takes(const struct call *call, const struct record *record)
{
	if (!call->n)
		return true;
	return call->n < METERING_RECORDS_MAX &&
		call->bytes + record_bytes(record) <= CALL_BYTES_MAX &&
		record_goes_with(call->records[0], record);
}

void call_add(struct call *call, struct record *record)
{
	call->records[call->n++] = record;
	call->bytes += record_bytes(record);
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
