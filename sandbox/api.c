#include "sandbox/api.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "sandbox/actions.h"
#include "sandbox/signature.h"
#include "sandbox/validate.h"
#include "sandbox_queries.h"

enum { WHY_BYTES_MAX = 1000 };

/* The columns of sql/queries/sandbox/read_state.sql. */
enum column { NOW_MS, EDITION };

const struct action *const api_actions[] = { &action_batch_meter_usage, &action_meter_usage,
	&action_register_usage, &action_resolve_customer, NULL };

const struct action *api_action(const char *name)
{
	for (const struct action *const *action = api_actions; *action; action++)
		if (!strcmp((*action)->name, name))
			return *action;
	return NULL;
}

void api_action_list(struct buf *out)
{
	for (const struct action *const *action = api_actions; *action; action++)
		buf_printf(out, "%s%s", action == api_actions ? "" : ", ", (*action)->name);
}

/* What holds for this call: the sandbox's time, and the edition. */
static bool read_state(struct call *call)
{
	auto_result result = { 0 };
	const struct limits *limits;
	long number;

	if (sandbox_query(call->sandbox, call->request, SANDBOX_READ_STATE,
			(const char *const[]){ call->limits->edition }, 1, &result))
		return false;
	limits = limits_find(db_result_text(&result, 0, EDITION));
	if (!limits || !text_number(db_result_text(&result, 0, NOW_MS), 0, INT64_MAX, &number))
		return false;
	call->now_ms = number;
	call->limits = limits;
	return true;
}

/* What the target names. AWS looks at it before it asks who is calling. */
static enum refusal find_action(struct call *call, struct buf *why)
{
	const char *target = request_param(call->request, "HTTP_X_AMZ_TARGET");

	if (!target || !request_is_type(call->request, LIMITS_CONTENT_TYPE)) {
		buf_puts(why,
			"A call has the headers Content-Type: " LIMITS_CONTENT_TYPE
			" and X-Amz-Target: " LIMITS_TARGET "Action.");
		return REFUSAL_NO_ACTION;
	}
	if (!strncmp(target, LIMITS_TARGET, sizeof LIMITS_TARGET - 1))
		call->action = api_action(target + sizeof LIMITS_TARGET - 1);
	if (call->action)
		return REFUSAL_NONE;
	buf_puts(why, "There is no such action. The sandbox knows: ");
	api_action_list(why);
	return REFUSAL_UNKNOWN_ACTION;
}

/* Everything that AWS checks before an action sees the call. */
static enum refusal check(struct call *call, struct buf *why)
{
	size_t max = (size_t)call->limits->request_bytes_max;
	enum refusal refusal;

	if (max && call->request->body.len >= max) {
		buf_printf(why, "The request has %zu bytes and must have fewer than %zu.",
			call->request->body.len, max);
		return REFUSAL_TOO_LARGE;
	}
	refusal = find_action(call, why);
	if (!refusal)
		refusal =
			signature_check(call->request, call->now_ms / 1000, call->limits->clock_skew_s, why);
	if (!refusal && !signature_region(call->request, call->region))
		refusal = REFUSAL_UNSIGNED;
	return refusal;
}

/* Whether the action may say that it is disabled in a region: those that do not have another error
 * for it. */
static bool is_disabled(const struct call *call, const struct limits_action *limits)
{
	if (region_find(call->region) != REGION_WITHOUT_API)
		return false;
	for (const struct limits_error *error = limits->errors; error->name; error++)
		if (!strcmp(error->name, refusal_name(REFUSAL_NO_API, call->limits)))
			return true;
	return false;
}

static void run(struct call *call)
{
	const char *why;
	auto_json *input =
		json_parse_object(buf_text(&call->request->body), call->request->body.len, &why);
	auto_buf message = BUF_INIT(WHY_BYTES_MAX);
	const struct limits_action *limits = limits_find_action(call->limits, call->action->name);
	enum refusal refusal = REFUSAL_NOT_JSON;

	if (!input)
		buf_printf(&message, "The body is no JSON object: %s.", why ? why : "no memory");
	else
		refusal = validate_input(limits->request, input, &message);
	if (!refusal && is_disabled(call, limits)) {
		refusal = REFUSAL_NO_API;
		buf_puts(&message, "The API is disabled in this Region.");
	}
	if (refusal) {
		call_refuse(call, refusal, buf_text(&message));
		return;
	}
	call->input = input;
	call->action->handle(call);
}

/* For the log, and for the console. */
static void note_answer(const struct call *call)
{
	char status[12];
	const char *const values[] = { call->request->id, call->action ? call->action->name : NULL,
		status, *call->result ? call->result : "-", text_or_null(call->fault.name) };

	log_event(LOG_INFO, "call", LOG_TEXT("request_id", call->request->id),
		LOG_TEXT("action", call->action ? call->action->name : "-"),
		LOG_TEXT("result", *call->result ? call->result : "-"),
		LOG_TEXT("fault", *call->fault.name ? call->fault.name : NULL));
	snprintf(status, sizeof status, "%d", call->reply->status);
	if (!call->now_ms)
		return; /* the database is away, which the log says already */
	(void)!sandbox_query(call->sandbox, call->request, SANDBOX_NOTE_ANSWER, values,
		sizeof values / sizeof values[0], NULL);
}

void api_handle(void *app, struct request *request, struct reply *reply)
{
	struct sandbox *sandbox = app;
	struct call call = {
		.sandbox = sandbox, .request = request, .reply = reply, .limits = sandbox->limits
	};
	auto_buf why = BUF_INIT(WHY_BYTES_MAX);
	bool has_state = read_state(&call);
	enum refusal refusal;

	call_put_headers(&call);
	if (!has_state) {
		call_refuse(&call, REFUSAL_OUR_DATABASE, "The sandbox cannot reach its database.");
	} else if ((refusal = check(&call, &why)) != REFUSAL_NONE) {
		call_refuse(&call, refusal, buf_text(&why));
	} else {
		run(&call);
	}
	note_answer(&call);
}

void api_refuse_body(struct sandbox *sandbox, struct request *request, struct reply *reply)
{
	struct call call = {
		.sandbox = sandbox, .request = request, .reply = reply, .limits = sandbox->limits
	};

	call_put_headers(&call);
	if (request->body_state == BODY_TOO_LARGE)
		call_refuse(&call, REFUSAL_TOO_LARGE, "The request is too large.");
	else
		call_refuse(&call, REFUSAL_CUT_SHORT, "The request's body or headers are not complete.");
	note_answer(&call);
}
