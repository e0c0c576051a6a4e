/* For tests of the signer: a source whose answers and haste the test decides, and its clocks. */
#ifndef TESTS_UNIT_SIGNER_FIXTURE_H
#define TESTS_UNIT_SIGNER_FIXTURE_H

#include <signal.h>
#include <stdatomic.h>

#include "tests/unit/unit.h"

#include "aws/signer.h"
#include "aws/signer_creds.h"
#include "base/clock.h"

enum { NOW_S = 1769860800, HOUR_S = 3600 };

/* A source that has to be waited for, unless it is `fast`, and what it says. */
static struct {
	enum status status;
	bool fast;
	struct creds creds;
	atomic_int n_asked; /* by who may wait */
	atomic_int n_looked; /* by who may not */
	atomic_bool closed; /* does not answer while this is set */
	atomic_bool busy;
	atomic_bool blocked; /* SIGTERM was, where it was asked last */
} source;

static atomic_int_least64_t now_ms;
static struct signer signer;
static struct signature signature;
static struct err err;
static struct http nobody;

static inline enum status give(const struct creds_source *self, struct http *http,
	struct creds *ret_creds, struct err *e)
{
	(void)self;
	if (!http) {
		source.n_looked++;
		if (!source.fast)
			return err_set(e, ERR_RETRY, "it has to be waited for");
	} else {
		sigset_t set;

		pthread_sigmask(SIG_SETMASK, NULL, &set);
		source.blocked = sigismember(&set, SIGTERM);
		source.n_asked++;
	}
	source.busy = true;
	while (source.closed)
		clock_sleep_ms(1);
	source.busy = false;
	if (source.status)
		return err_set(e, source.status, "it is broken");
	*ret_creds = source.creds;
	return OK;
}

static const struct creds_source slow_source = { "test", give };
static const struct creds_source *const sources[] = { &slow_source, NULL };

static inline struct signer_now read_clock(void *self)
{
	int64_t ms = now_ms;

	(void)self;
	return (struct signer_now){ (int64_t)NOW_S * 1000 + ms, 5000 + ms };
}

static inline struct signer_now now(void)
{
	return read_clock(NULL);
}

static inline void set_creds(const char *id, int64_t life_s)
{
	if (creds_set(&source.creds, id, "secret", "token", &err))
		fail_msg("%s", err.text);
	strcpy(source.creds.origin, "the test");
	source.creds.background = !source.fast;
	source.creds.reread_s = source.fast ? 1 : 0;
	source.creds.expires_s = life_s ? now().epoch_ms / 1000 + life_s : 0;
}

static inline int set_up(void **state)
{
	(void)state;
	memset(&source, 0, sizeof source);
	now_ms = 0;
	signer = (struct signer){ .sources = sources, .http = &nobody, .region = "eu-west-1",
		.host = "host" };
	set_creds("AKIDONE", HOUR_S);
	err.text[0] = '\0';
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	source.closed = false;
	signature_done(&signature);
	signer_done(&signer);
	return 0;
}

static inline void init(void)
{
	if (signer_init(&signer, now(), &err))
		fail_msg("%s", err.text);
}

static inline void pass(int64_t seconds)
{
	now_ms += seconds * 1000;
}

static inline enum status sign(void)
{
	struct buf body = { 0 };

	signature_done(&signature);
	return signer_sign(&signer, now(), "Service.Action", &body, &signature, &err);
}

static inline void check_signed_with(const char *id)
{
	const struct sigv4_header *last;
	char part[100];

	if (sign())
		fail_msg("%s", err.text);
	last = &signature.headers[signature.n_headers - 1];
	snprintf(part, sizeof part, "Credential=%s/", id);
	assert_string_equal(last->name, "authorization");
	assert_non_null(strstr(last->value, part));
}

static inline void check_text(const char *part)
{
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
