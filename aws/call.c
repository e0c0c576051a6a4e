#include "aws/call.h"

#include <stdio.h>
#include <string.h>

#include "aws/error.h"
#include "aws/json.h"
#include "base/text.h"

enum {
	TARGET_MAX = 128,
	HTTP_OK = 200,
	LOOK_MS = 100, /* how soon one that waits for its turn sees that it is withdrawn */
};

/* One call, over all its tries. */
struct exchange {
	struct aws *aws;
	const struct aws_call *call;
	char target[TARGET_MAX];
	struct retry retry;
	bool set_clock, renewed; /* each helps once */
	bool over;               /* no other try can help, whatever the last one met */
	bool later;              /* but other credentials are being asked for, and may help then */
	struct aws_answer answer;
	/* Of the last try. */
	struct signature signature;
	struct http_answer http;
};

struct signer_now aws_now(const struct aws *aws)
{
	const struct aws_machine *machine = &aws->parts.machine;

	return (struct signer_now){ machine->epoch_ms(machine->self),
		machine->monotonic_ms(machine->self) };
}

static enum status begin(struct aws *aws, const struct aws_call *call, struct err *err)
{
	bool room;

	pthread_mutex_lock(&aws->lock);
	room = aws->under_way < aws->parts.connections;
	aws->under_way += room;
	pthread_mutex_unlock(&aws->lock);
	if (room)
		return OK;
	return err_set(err, ERR_RETRY, "%s: %ld calls to AWS are under way, as many as may be",
		call->action, aws->parts.connections);
}

static void end(const struct exchange *x, enum status rc)
{
	struct aws *aws = x->aws;

	pthread_mutex_lock(&aws->lock);
	aws->under_way--;
	if (!rc)
		retry_succeeded(&x->retry, &aws->bucket);
	pthread_mutex_unlock(&aws->lock);
}

/* The text for an error of AWS's, with its message only where that helps and tells nothing. */
static enum status explain(struct exchange *x, const struct error *error, struct err *err)
{
	static const enum status statuses[] = {
		[ERROR_NONE] = ERR_REMOTE, [ERROR_BUYER] = ERR_INPUT, [ERROR_RECORD] = ERR_INPUT,
		[ERROR_THROTTLED] = ERR_RETRY, [ERROR_TRANSIENT] = ERR_RETRY, [ERROR_AUTH] = ERR_REMOTE,
		[ERROR_SETTING] = ERR_REMOTE, [ERROR_UNKNOWN] = ERR_REMOTE,
	};
	bool tell = error->class != ERROR_BUYER && error->class != ERROR_AUTH && *error->message &&
		!error_repeats(error->message, x->call->secret) &&
		!error_repeats(error->message, x->signature.session_token);
	bool ends = tell && error->message[strlen(error->message) - 1] == '.';

	x->answer.advice = *error->advice ? error->advice : NULL;
	if (tell)
		text_copy(x->answer.message, sizeof x->answer.message, error->message);
	return err_set(err, statuses[error->class], "%s at %s: %s (HTTP %d)%s%s%s%s", x->call->action,
		x->aws->parts.endpoint.host, *error->code ? error->code : "an error without AWS's name",
		x->http.status, tell ? ": " : "", tell ? error->message : "",
		!*error->advice ? "" : ends ? " " : ". ", error->advice);
}

/* Nothing is recorded where AWS refuses a request whole; whether it failed or was given up before
 * or after the action did its work is not known. */
static bool is_refusal(const struct error *error, int http_status)
{
	return error->class != ERROR_TRANSIENT && http_status >= 400 && http_status < 500;
}

static enum status read_answer(struct exchange *x, struct cJSON **ret_json, struct err *err)
{
	struct aws_answer *answer = &x->answer;
	struct error error;
	enum status rc;

	answer->http_status = x->http.status;
	answer->date_s = x->http.date_s;
	memcpy(answer->request_id, x->http.request_id, sizeof answer->request_id);
	if (x->http.status != HTTP_OK) {
		error_read(x->call->action, &x->http, &error);
		memcpy(answer->code, error.code, sizeof answer->code);
		answer->class = error.class;
		answer->about = error_find_about(error.code);
		answer->uncertain |= !is_refusal(&error, x->http.status);
		return explain(x, &error, err);
	}
	rc = json_parse(buf_text(&x->http.body), x->http.body.len, ret_json, err);
	if (!rc)
		return OK;
	answer->class = ERROR_TRANSIENT; /* a page of a proxy's, or half an answer */
	answer->uncertain = true;
	return err_wrap(err, rc, "%s at %s: HTTP 200, but", x->call->action,
		x->aws->parts.endpoint.host);
}

static enum status send_signed(struct exchange *x, int64_t left_ms, struct err *err)
{
	const struct http *http = &x->aws->parts.machine.http;
	struct http_request request = {
		.url = x->aws->parts.endpoint.url,
		.headers = x->signature.headers,
		.n_headers = x->signature.n_headers,
		.body = buf_text(x->call->body),
		.body_len = x->call->body->len,
		.timeout_ms = left_ms,
		.once = x->call->once,
	};
	struct buf body = x->http.body;
	enum status rc;

	buf_reset(&body);
	x->http = (struct http_answer){ .body = body };
	rc = http->call(http->self, &request, &x->http, err);
	if (!rc)
		return OK;
	x->answer.class = rc == ERR_RETRY ? ERROR_TRANSIENT : ERROR_SETTING;
	x->answer.uncertain |= x->http.sent;
	/* To the caller, ERR_INPUT is about the body, and not about the URL. */
	return err_wrap(err, rc == ERR_INPUT ? ERR_LOCAL : rc, "%s", x->call->action);
}

/* A call that has sent something goes on, as who gave it up would not know what became of it. */
static bool is_withdrawn(struct exchange *x)
{
	pthread_mutex_lock(&x->aws->lock);
	x->answer.withdrawn = x->aws->withdrawn && !x->answer.tries;
	pthread_mutex_unlock(&x->aws->lock);
	return x->answer.withdrawn;
}

/* Waits for this try's turn. False: it would come after the deadline, or the call is withdrawn. */
static bool wait_for_turn(struct exchange *x)
{
	struct aws *aws = x->aws;
	const struct aws_machine *machine = &aws->parts.machine;
	int64_t now_ms = machine->monotonic_ms(machine->self), wait_ms = 0, left_ms;
	bool turn;

	pthread_mutex_lock(&aws->lock);
	turn = rate_take(&aws->rate, now_ms, x->call->deadline_ms, &wait_ms);
	pthread_mutex_unlock(&aws->lock);
	while (turn && !is_withdrawn(x) &&
		(left_ms = now_ms + wait_ms - machine->monotonic_ms(machine->self)) > 0)
		machine->sleep_ms(machine->self, left_ms < LOOK_MS ? left_ms : LOOK_MS);
	return turn && !x->answer.withdrawn;
}

static enum status sign(struct exchange *x, struct signer_now now, struct err *err)
{
	enum status rc;

	signature_done(&x->signature);
	rc = signer_sign(&x->aws->signer, now, x->target, x->call->body, &x->signature, err);
	if (!rc)
		return OK;
	x->over = true;
	x->answer.class = rc == ERR_RETRY ? ERROR_TRANSIENT : ERROR_AUTH;
	return err_wrap(err, rc == ERR_LOCAL || rc == ERR_RETRY ? rc : ERR_REMOTE,
		"%s: nothing to sign it with", x->call->action);
}

static enum status try_once(struct exchange *x, struct cJSON **ret_json, struct err *err)
{
	struct signer_now now;
	enum status rc;

	if (!wait_for_turn(x)) {
		x->over = true;
		return err_set(err, ERR_RETRY, "%s: %s before it began", x->call->action,
			x->answer.withdrawn ? "it was withdrawn" : "the time for it was over");
	}
	now = aws_now(x->aws);
	rc = sign(x, now, err);
	if (rc)
		return rc;
	/* What is said is about the last try, what is counted about all of them. */
	x->answer = (struct aws_answer){ .tries = x->answer.tries + 1,
		.uncertain = x->answer.uncertain };
	rc = send_signed(x, x->call->deadline_ms - now.monotonic_ms, err);
	return rc ? rc : read_answer(x, ret_json, err);
}

/* After a refused signature: the clock first, as it is in the answer, then other credentials. */
static bool mend_signature(struct exchange *x, struct err *err)
{
	struct signer *signer = &x->aws->signer;
	struct signer_now now = aws_now(x->aws);
	struct err trouble;

	if (now.monotonic_ms >= x->call->deadline_ms)
		return false;
	if (!x->set_clock) {
		x->set_clock = true;
		if (signer_set_clock(signer, now, x->signature.signed_s, x->http.date_s))
			return true;
	}
	if (x->renewed)
		return false;
	x->renewed = true;
	switch (signer_renew(signer, now, x->signature.generation, &trouble)) {
	case SIGNER_OTHER:
		return true;
	case SIGNER_UNDER_WAY:
		x->later = true;
		break;
	case SIGNER_SAME:
		break;
	}
	if (*trouble.text) {
		err_wrap(&trouble, ERR_REMOTE, "%s; and reading the credentials again failed", err->text);
		*err = trouble;
	}
	return false;
}

static bool wait_for_next(struct exchange *x)
{
	struct aws *aws = x->aws;
	const struct aws_machine *machine = &aws->parts.machine;
	struct retry_failure failure = {
		.timed_out = x->http.timed_out,
		.hint_ms = x->http.retry_after_ms,
		.now_ms = machine->monotonic_ms(machine->self),
		.deadline_ms = x->call->deadline_ms,
		.random = machine->random(machine->self),
	};
	int64_t delay_ms;
	bool next;

	pthread_mutex_lock(&aws->lock);
	next = retry_next(&x->retry, &aws->bucket, aws->parts.attempts_max, &failure, &delay_ms);
	pthread_mutex_unlock(&aws->lock);
	if (next)
		machine->sleep_ms(machine->self, delay_ms);
	return next;
}

static bool may_try_again(struct exchange *x, struct err *err)
{
	if (x->over)
		return false;
	switch (x->answer.class) {
	case ERROR_THROTTLED:
	case ERROR_TRANSIENT:
		return wait_for_next(x);
	case ERROR_AUTH:
		return mend_signature(x, err);
	case ERROR_NONE:
	case ERROR_BUYER:
	case ERROR_RECORD:
	case ERROR_SETTING:
	case ERROR_UNKNOWN:
		break;
	}
	return false;
}

enum status aws_call(struct aws *aws, const struct aws_call *call, struct cJSON **ret_json,
	struct aws_answer *ret_answer, struct err *err)
{
	struct exchange x = {
		.aws = aws,
		.call = call,
		.answer.class = ERROR_TRANSIENT, /* for as long as none was made */
		.signature.session_token = "",
	};
	enum status rc = begin(aws, call, err);

	if (!rc) {
		x.http.body.max = call->answer_bytes_max;
		snprintf(x.target, sizeof x.target, "%s%s", LIMITS_TARGET, call->action);
		do
			rc = try_once(&x, ret_json, err);
		while (rc && may_try_again(&x, err));
		signature_done(&x.signature);
		buf_wipe(&x.http.body);
		end(&x, rc);
	}
	*ret_answer = x.answer;
	return rc == ERR_REMOTE && x.later ? ERR_RETRY : rc;
}
