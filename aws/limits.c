#include "aws/limits.h"

#include <stddef.h>
#include <string.h>

#define END_MEMBERS { NULL, false, 0, 0, LIMITS_ANY_TEXT }
#define END_ERRORS { NULL, 0 }

/* Today no maximum is published for a token, nor a character that it may not have. */
static const struct limits_member resolve_request_today[] = {
	{ "RegistrationToken", true, 1, 0, LIMITS_ANY_TEXT },
	END_MEMBERS,
};

static const struct limits_member resolve_request_2019[] = {
	{ "RegistrationToken", true, 1, 0, LIMITS_NO_SPACE },
	END_MEMBERS,
};

static const struct limits_member resolve_answer_today[] = {
	{ "CustomerIdentifier", false, 0, 255, LIMITS_ANY_TEXT },
	{ "ProductCode", false, 0, 255, LIMITS_PRODUCT_CODE },
	{ "CustomerAWSAccountId", false, 1, 255, LIMITS_DIGITS },
	{ "LicenseArn", false, 0, 0, LIMITS_ARN },
	END_MEMBERS,
};

/* The reference of 2019 knows the first two alone; both ways to name a buyer work in both. */
static const struct limits_member resolve_answer_2019[] = {
	{ "CustomerIdentifier", false, 1, 255, LIMITS_ANY_TEXT },
	{ "ProductCode", false, 1, 255, LIMITS_ANY_TEXT },
	{ "CustomerAWSAccountId", false, 1, 255, LIMITS_DIGITS },
	{ "LicenseArn", false, 0, 0, LIMITS_ARN },
	END_MEMBERS,
};

static const struct limits_error resolve_errors[] = {
	{ "DisabledApiException", 400 },
	{ "ExpiredTokenException", 400 },
	{ "InternalServiceErrorException", 500 },
	{ "InvalidTokenException", 400 },
	{ "ThrottlingException", 400 },
	END_ERRORS,
};

static const struct limits_action actions_today[] = {
	{ "ResolveCustomer", resolve_request_today, resolve_answer_today, resolve_errors },
	{ NULL, NULL, NULL, NULL },
};

static const struct limits_action actions_2019[] = {
	{ "ResolveCustomer", resolve_request_2019, resolve_answer_2019, resolve_errors },
	{ NULL, NULL, NULL, NULL },
};

static const struct limits_error common_today[] = {
	{ "AccessDeniedException", 403 },
	{ "ExpiredTokenException", 403 }, /* the caller's session, not the buyer's token */
	{ "IncompleteSignature", 403 },
	{ "InternalFailure", 500 },
	{ "MalformedHttpRequestException", 400 },
	{ "NotAuthorized", 401 },
	{ "OptInRequired", 403 },
	{ "RequestAbortedException", 400 },
	{ "RequestEntityTooLargeException", 413 },
	{ "RequestTimeoutException", 408 },
	{ "ServiceUnavailable", 503 },
	{ "ThrottlingException", 400 },
	{ "UnknownOperationException", 404 },
	{ "UnrecognizedClientException", 403 },
	{ "ValidationError", 400 },
	END_ERRORS,
};

static const struct limits_error common_2019[] = {
	{ "AccessDeniedException", 400 },
	{ "IncompleteSignature", 400 },
	{ "InternalFailure", 500 },
	{ "InvalidAction", 400 },
	{ "InvalidClientTokenId", 403 },
	{ "InvalidParameterCombination", 400 },
	{ "InvalidParameterValue", 400 },
	{ "InvalidQueryParameter", 400 },
	{ "MalformedQueryString", 404 },
	{ "MissingAction", 400 },
	{ "MissingAuthenticationToken", 403 },
	{ "MissingParameter", 400 },
	{ "OptInRequired", 403 },
	{ "RequestExpired", 400 },
	{ "ServiceUnavailable", 503 },
	{ "ThrottlingException", 400 },
	{ "ValidationError", 400 },
	END_ERRORS,
};

/* The statuses are those of other services that speak JSON 1.1; none is published for this one. */
static const struct limits_error unlisted_today[] = {
	{ "InvalidSignatureException", 403 },
	{ "MissingAuthenticationTokenException", 403 },
	{ "SerializationException", 400 },
	{ "ValidationException", 400 },
	END_ERRORS,
};

static const struct limits_error unlisted_2019[] = {
	{ "InvalidSignatureException", 400 },
	{ "SerializationException", 400 },
	{ "UnknownOperationException", 400 },
	{ "UnrecognizedClientException", 400 },
	{ "ValidationException", 400 },
	END_ERRORS,
};

enum {
	CLOCK_SKEW_S = 15 * 60, /* 2019: RequestExpired */
	MEGABYTE = 1000000,     /* today: BatchMeterUsage, "less than 1 MB" */
};

static const struct limits editions[] = {
	{ "today", actions_today, common_today, unlisted_today, MEGABYTE, CLOCK_SKEW_S },
	{ "2019", actions_2019, common_2019, unlisted_2019, 0, CLOCK_SKEW_S },
	{ NULL, NULL, NULL, NULL, 0, 0 },
};

const struct limits *limits_find(const char *edition)
{
	for (const struct limits *limits = editions; limits->edition; limits++)
		if (!strcmp(limits->edition, edition))
			return limits;
	return NULL;
}

const struct limits_action *limits_find_action(const struct limits *limits, const char *name)
{
	for (const struct limits_action *action = limits->actions; action->name; action++)
		if (!strcmp(action->name, name))
			return action;
	return NULL;
}

static int find_status(const struct limits_error *error, const char *name)
{
	for (; error->name; error++)
		if (!strcmp(error->name, name))
			return error->status;
	return 0;
}

int limits_error_status(const struct limits *limits, const struct limits_action *action,
	const char *name)
{
	int status = action ? find_status(action->errors, name) : 0;

	if (!status)
		status = find_status(limits->common_errors, name);
	return status ? status : find_status(limits->unlisted_errors, name);
}
