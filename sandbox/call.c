#include "sandbox/call.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "db/array.h"
#include "sandbox_queries.h"

/* The columns of sql/queries/sandbox/begin_call.sql. */
enum column { THROTTLED, FAULT, DELAY_MS, MATCHED };

/* Of a list of names from the request as a parameter: a comma and quotes each, all bytes escaped */
static size_t names_bytes_max(const struct call *call)
{
	return 2 * call->request->body.len + 8 * FAULT_RECORDS_MAX;
}

void call_put_headers(struct call *call)
{
	const char *id = call->request->id;
	time_t now_s = (time_t)(call->now_ms / 1000);
	struct tm utc;
	char text[40];

	call->reply->bare = true;
	call->reply->content_type = LIMITS_CONTENT_TYPE;
	snprintf(text, sizeof text, "%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16, id + 20);
	reply_header(call->reply, "x-amzn-RequestId", text);
	/* SDKs set their clocks by it, so it is the sandbox's. */
	if (call->now_ms && gmtime_r(&now_s, &utc) &&
		strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc))
		reply_header(call->reply, "Date", text);
}

/* nginx ends the connection without a byte: a FastCGI program cannot (see nginx/). */
static void drop(struct reply *reply)
{
	reply_reset(reply);
	reply_header(reply, "X-Accel-Redirect", "/_drop");
}

/* The last step of an action that ran: the faults that spoil its answer on the way. */
static void finish(struct call *call)
{
	if (call->fault.effect == FAULT_LOST)
		drop(call->reply);
	else if (call->fault.effect == FAULT_CUT)
		call->reply->held_back = call->reply->body.len - call->reply->body.len / 2;
}

static void refuse_as(struct call *call, const char *name, const char *message)
{
	int status = errors_status(call->limits, call->action ? call->action->name : NULL, name);
	auto_json *body = cJSON_CreateObject();

	json_put(body, "__type", cJSON_CreateString(name));
	json_put(body, "message", cJSON_CreateString(message));
	call->reply->status = status;
	buf_reset(&call->reply->body);
	json_print(&call->reply->body, body);
	text_copy(call->result, sizeof call->result, name);
}

void call_refuse_as(struct call *call, const char *name, const char *message)
{
	refuse_as(call, name, message);
	finish(call);
}

void call_refuse(struct call *call, enum refusal refusal, const char *message)
{
	call_refuse_as(call, refusal_name(refusal, call->limits), message);
}

static void put_extra(cJSON *output)
{
	cJSON *nested = cJSON_CreateObject();

	json_put(nested, "CustomerIdentifier", cJSON_CreateString("not-this-one"));
	json_put(nested, "List", cJSON_CreateIntArray((const int[]){ 1, 2, 3 }, 3));
	json_put(output, "FutureText", cJSON_CreateString("A member that no reference names."));
	json_put(output, "FutureNumber", cJSON_CreateNumber(4294967296.5));
	json_put(output, "FutureNull", cJSON_CreateNull());
	json_put(output, "FutureObject", nested);
}

void call_answer(struct call *call, cJSON *output)
{
	if (call->fault.effect == FAULT_EXTRA)
		put_extra(output);
	json_print(&call->reply->body, output);
	text_copy(call->result, sizeof call->result, "Success");
	finish(call);
}

/* A proxy's page: no JSON, and nothing of AWS's in the headers. */
static void answer_html(struct reply *reply)
{
	reply_reset(reply);
	reply->bare = true;
	reply->status = 503;
	buf_puts(&reply->body,
		"<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n"
		"<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n");
}

/* The faults that keep the action from running. */
static bool fault_stops(struct call *call)
{
	switch (call->fault.effect) {
	case FAULT_ERROR:
		refuse_as(call, call->fault.name, "The sandbox was asked for this fault.");
		return true;
	case FAULT_HTML503:
		answer_html(call->reply);
		return true;
	case FAULT_RESET:
		drop(call->reply);
		return true;
	case FAULT_NONE:
	case FAULT_SLOW:
	case FAULT_LOST:
	case FAULT_CUT:
	case FAULT_EXTRA:
	case FAULT_UNPROCESSED:
	case FAULT_PARTIAL:
	case FAULT_SHUFFLED:
	case FAULT_DROP:
		break;
	}
	return false;
}

static void read_fault(struct call *call, const struct db_result *result)
{
	const char *name = db_result_text(result, 0, FAULT);
	const char *delay = db_result_text(result, 0, DELAY_MS);
	const char *matched = db_result_text(result, 0, MATCHED);

	if (!name)
		return;
	text_copy(call->fault.name, sizeof call->fault.name, name);
	call->fault.effect = fault_find(call->limits, call->action->name, name);
	if (!delay || !text_number(delay, 0, FAULT_DELAY_MS_MAX, &call->fault.delay_ms))
		call->fault.delay_ms = 0;
	if (matched)
		text_copy(call->fault.matched, sizeof call->fault.matched, matched);
}

/* Asks the database what becomes of the call. */
static enum status ask(
	struct call *call, const struct call_match *matches, size_t n, struct db_result *ret_result)
{
	const char *identifiers[FAULT_RECORDS_MAX], *licenses[FAULT_RECORDS_MAX];
	const char *dimensions[FAULT_RECORDS_MAX];
	size_t max = names_bytes_max(call);
	auto_buf first = BUF_INIT(max), second = BUF_INIT(max), third = BUF_INIT(max);

	assert(n <= FAULT_RECORDS_MAX);
	for (size_t i = 0; i < n; i++) {
		identifiers[i] = matches[i].customer_identifier;
		licenses[i] = matches[i].license_arn;
		dimensions[i] = matches[i].dimension;
	}
	db_array(&first, identifiers, n);
	db_array(&second, licenses, n);
	db_array(&third, dimensions, n);
	if (first.failed || second.failed || third.failed)
		return ERR_LOCAL;
	return sandbox_query(call->sandbox, call->request, SANDBOX_BEGIN_CALL,
		(const char *const[]){ call->request->id, call->action->name, call->region,
			buf_text(&first), buf_text(&second), buf_text(&third) },
		6, ret_result);
}

bool call_begin(struct call *call, const struct call_match *match)
{
	return call_begin_any(call, match, 1);
}

bool call_begin_any(struct call *call, const struct call_match *matches, size_t n)
{
	auto_result result = { 0 };
	const char *throttled;

	if (ask(call, matches, n, &result)) {
		call_refuse(call, REFUSAL_OUR_DATABASE, "The sandbox cannot reach its database.");
		return false;
	}
	throttled = db_result_text(&result, 0, THROTTLED);
	if (throttled && *throttled == 't') {
		call_refuse(call, REFUSAL_TOO_FAST, "Rate exceeded");
		return false;
	}
	read_fault(call, &result);
	sandbox_wait(call->sandbox, call->fault.delay_ms);
	return !fault_stops(call);
}
