#include "sandbox/errors.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const editions[] = { "today", "2019" };

enum { N_EDITIONS = sizeof editions / sizeof editions[0], NAMES_MAX = 128 };

/* AWS's two references name the same fault differently. */
static const struct {
	const char *today, *in_2019;
} refusals[N_REFUSALS] = {
	[REFUSAL_NO_ACTION] = { "UnknownOperationException", "MissingAction" },
	[REFUSAL_UNKNOWN_ACTION] = { "UnknownOperationException", "InvalidAction" },
	[REFUSAL_UNSIGNED] = { "MissingAuthenticationTokenException", "MissingAuthenticationToken" },
	[REFUSAL_INCOMPLETE_SIGNATURE] = { "IncompleteSignature", "IncompleteSignature" },
	[REFUSAL_UNKNOWN_KEY] = { "UnrecognizedClientException", "InvalidClientTokenId" },
	[REFUSAL_BAD_SIGNATURE] = { "InvalidSignatureException", "InvalidSignatureException" },
	[REFUSAL_STALE_SIGNATURE] = { "InvalidSignatureException", "RequestExpired" },
	[REFUSAL_NOT_JSON] = { "SerializationException", "SerializationException" },
	[REFUSAL_INVALID] = { "ValidationException", "ValidationException" },
	[REFUSAL_NO_API] = { "DisabledApiException", "DisabledApiException" },
	[REFUSAL_TOO_LARGE] = { "RequestEntityTooLargeException", "RequestEntityTooLargeException" },
	[REFUSAL_CUT_SHORT] = { "RequestAbortedException", "RequestAbortedException" },
	[REFUSAL_TOO_FAST] = { "ThrottlingException", "ThrottlingException" },
	[REFUSAL_BAD_TOKEN] = { "InvalidTokenException", "InvalidTokenException" },
	[REFUSAL_EXPIRED_TOKEN] = { "ExpiredTokenException", "ExpiredTokenException" },
	[REFUSAL_FAILED] = { "InternalFailure", "InternalFailure" },
	[REFUSAL_OUR_DATABASE] = { "ServiceUnavailable", "ServiceUnavailable" },
};

const char *refusal_name(enum refusal refusal, const struct limits *limits)
{
	bool today = !strcmp(limits->edition, editions[0]);

	return today ? refusals[refusal].today : refusals[refusal].in_2019;
}

static int status_in(const struct limits *limits, const char *action, const char *name)
{
	const struct limits_action *of = action ? limits_find_action(limits, action) : NULL;

	return limits_error_status(limits, of, name);
}

/* An error of another action, or of the other edition. */
static int status_anywhere(const char *name)
{
	for (size_t i = 0; i < N_EDITIONS; i++) {
		const struct limits *limits = limits_find(editions[i]);

		for (const struct limits_action *action = limits->actions; action->name; action++) {
			int status = limits_error_status(limits, action, name);

			if (status)
				return status;
		}
	}
	return 0;
}

int errors_status(const struct limits *limits, const char *action, const char *name)
{
	int status = status_in(limits, action, name);

	for (size_t i = 0; i < N_EDITIONS && !status; i++)
		status = status_in(limits_find(editions[i]), action, name);
	return status ? status : status_anywhere(name);
}

/* Names without repetition. */
struct names {
	const char *list[NAMES_MAX];
	size_t n;
};

static void add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->list[i], name))
			return;
	assert(names->n < NAMES_MAX);
	names->list[names->n++] = name;
}

static void add_errors(struct names *names, const struct limits_error *error)
{
	for (; error->name; error++)
		add_name(names, error->name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void errors_list(struct buf *out)
{
	struct names names = { .n = 0 };

	for (size_t i = 0; i < N_EDITIONS; i++) {
		const struct limits *limits = limits_find(editions[i]);

		for (const struct limits_action *action = limits->actions; action->name; action++)
			add_errors(&names, action->errors);
		add_errors(&names, limits->common_errors);
		add_errors(&names, limits->unlisted_errors);
	}
	qsort(names.list, names.n, sizeof names.list[0], compare_names);
	for (size_t i = 0; i < names.n; i++)
		buf_printf(out, "%s%s", i ? ", " : "", names.list[i]);
}
