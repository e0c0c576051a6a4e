/* For tests of aws/: a client over a network that gives canned answers, with clocks that stand
 * still. Include it after cmocka.h. */
#ifndef TESTS_UNIT_AWS_FAKE_H
#define TESTS_UNIT_AWS_FAKE_H

#include <stdio.h>
#include <string.h>

#include "aws/call.h"
#include "aws/metering.h"
#include "base/text.h"

enum { FAKE_STEPS = 16, FAKE_EPOCH_S = 1769860800 /* 2026-01-31T12:00:00Z */ };

/* What one try meets. */
struct fake_step {
	enum status status;     /* of the call; ERR_RETRY: the network failed */
	int http_status;        /* 0 stands for 200 */
	const char *body;       /* NULL: an empty one */
	const char *error_type; /* of the header; NULL: none */
	const char *request_id;
	int64_t date_s, retry_after_ms;
	bool timed_out;
	bool sent; /* where the network failed: some of the request left before; otherwise it did */
	int64_t takes_ms;
	void (*meanwhile)(void); /* what else happens in the world */
};

/* What one try sent. */
struct fake_sent {
	struct buf body, headers; /* headers: "name: value\n" each */
	char url[300];
	int64_t timeout_ms;
	bool once;
};

struct fake {
	struct fake_step steps[FAKE_STEPS]; /* the last one that is set repeats itself */
	int n_steps, n_sent;
	struct fake_sent sent[FAKE_STEPS];
	int64_t epoch_ms, monotonic_ms, slept_ms;
	int n_sleeps;
	void (*while_asleep)(void); /* what happens in each sleep; NULL: nothing */
	double random;
	struct creds creds; /* what the source gives */
	enum status creds_status;
	int n_asked; /* how often it was asked */
};

static struct fake fake;

static inline enum status fake_call(void *self, const struct http_request *request,
	struct http_answer *answer, struct err *err)
{
	struct fake_step *step = &fake.steps[fake.n_sent < fake.n_steps ? fake.n_sent
																   : fake.n_steps - 1];
	struct fake_sent *sent = &fake.sent[fake.n_sent < FAKE_STEPS ? fake.n_sent : FAKE_STEPS - 1];

	(void)self;
	fake.n_sent++;
	buf_done(&sent->body);
	buf_done(&sent->headers);
	sent->body.max = sent->headers.max = 4 * 1024 * 1024;
	buf_add(&sent->body, request->body, request->body_len);
	for (size_t i = 0; i < request->n_headers; i++)
		buf_printf(&sent->headers, "%s: %s\n", request->headers[i].name, request->headers[i].value);
	snprintf(sent->url, sizeof sent->url, "%s", request->url);
	sent->timeout_ms = request->timeout_ms;
	sent->once = request->once;
	fake.monotonic_ms += step->takes_ms;
	fake.epoch_ms += step->takes_ms;
	if (step->meanwhile)
		step->meanwhile();
	answer->timed_out = step->timed_out;
	answer->sent = step->sent || !step->status;
	if (step->status)
		return err_set(err, step->status, "the network failed");
	answer->status = step->http_status ? step->http_status : 200;
	answer->date_s = step->date_s;
	answer->retry_after_ms = step->retry_after_ms;
	if (step->error_type)
		text_copy(answer->error_type, sizeof answer->error_type, step->error_type);
	if (step->request_id)
		text_copy(answer->request_id, sizeof answer->request_id, step->request_id);
	buf_puts(&answer->body, step->body ? step->body : "");
	return OK;
}

static inline int64_t fake_epoch_ms(void *self)
{
	(void)self;
	return fake.epoch_ms;
}

static inline int64_t fake_monotonic_ms(void *self)
{
	(void)self;
	return fake.monotonic_ms;
}

static inline void fake_sleep_ms(void *self, int64_t ms)
{
	(void)self;
	fake.n_sleeps++;
	if (fake.while_asleep)
		fake.while_asleep();
	fake.slept_ms += ms;
	fake.monotonic_ms += ms;
	fake.epoch_ms += ms;
}

static inline double fake_random(void *self)
{
	(void)self;
	return fake.random;
}

static inline enum status fake_creds(const struct creds_source *self, struct http *http,
	struct creds *ret_creds, struct err *err)
{
	(void)self;
	(void)http;
	fake.n_asked++;
	if (fake.creds_status)
		return err_set(err, fake.creds_status, "the file is torn");
	*ret_creds = fake.creds;
	return OK;
}

static const struct creds_source fake_source = { "fake", fake_creds };
static const struct creds_source *const fake_sources[] = { &fake_source, NULL };

static inline void fake_set_creds(const char *id, const char *secret, const char *token)
{
	strcpy(fake.creds.access_key_id, id);
	strcpy(fake.creds.secret_access_key, secret);
	strcpy(fake.creds.session_token, token);
	strcpy(fake.creds.origin, "the fake");
}

static inline void fake_reset(void)
{
	for (size_t i = 0; i < FAKE_STEPS; i++) {
		buf_done(&fake.sent[i].body);
		buf_done(&fake.sent[i].headers);
	}
	memset(&fake, 0, sizeof fake);
	fake.epoch_ms = (int64_t)FAKE_EPOCH_S * 1000;
	fake.monotonic_ms = 5000;
	fake.random = 0.5;
	fake_set_creds("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "");
}

static inline void fake_add(struct fake_step step)
{
	fake.steps[fake.n_steps++] = step;
}

/* An error as AWS sends it. */
static inline void fake_add_error(int http_status, const char *body)
{
	fake_add((struct fake_step){ .http_status = http_status, .body = body, .request_id = "req-1" });
}

static inline enum status fake_new(int attempts_max, struct aws **ret_aws, struct err *err)
{
	const struct aws_parts parts = {
		.machine = { { fake_call, NULL }, fake_epoch_ms, fake_monotonic_ms, fake_sleep_ms,
			fake_random, NULL },
		.endpoint = { "eu-west-1", "metering.marketplace.eu-west-1.amazonaws.com",
			"https://metering.marketplace.eu-west-1.amazonaws.com/" },
		.sources = fake_sources,
		.attempts_max = attempts_max,
		.connections = 2,
	};

	return aws_new_of(&parts, ret_aws, err);
}

static const char fake_good[] = "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}";
static const char fake_token[] = "tok-7dq+2/xyz==-secret-of-a-buyer";

/* The client of a test, and what its last call gave. */
static struct aws *aws;
static struct metering_customer who;
static struct aws_answer answer;
static struct err err;

static inline int fake_set_up(void **state)
{
	(void)state;
	fake_reset();
	memset(&who, 0, sizeof who);
	memset(&answer, 0x55, sizeof answer);
	err.text[0] = '\0';
	return fake_new(3, &aws, &err) ? -1 : 0;
}

static inline int fake_tear_down(void **state)
{
	(void)state;
	aws_free(aws);
	fake_reset();
	return 0;
}

static inline enum status fake_resolve_token(const char *token)
{
	return metering_resolve(aws, token, fake.monotonic_ms + 8000, &who, &answer, &err);
}

static inline enum status fake_resolve(void)
{
	return fake_resolve_token(fake_token);
}

static inline void fake_add_good(void)
{
	fake_add((struct fake_step){ .body = fake_good, .request_id = "req-good" });
}

static inline void fake_check_text(const char *part)
{
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

static inline const char *fake_sent_header(int i, const char *name)
{
	static char value[10000];
	char line[64];
	const char *at;

	snprintf(line, sizeof line, "%s: ", name);
	at = strstr(buf_text(&fake.sent[i].headers), line);
	if (!at)
		return NULL;
	at += strlen(line);
	snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
	return value;
}

static inline const char *fake_sent_signature(int i)
{
	const char *value = fake_sent_header(i, "authorization");

	assert_non_null(value);
	return strstr(value, "Signature=") + strlen("Signature=");
}

#endif
