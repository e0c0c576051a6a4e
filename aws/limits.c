#include "aws/limits.h"

#include <stddef.h>
#include <string.h>

enum {
	MINUTE_S = 60,
	MEGABYTE = 1000000,     /* today: BatchMeterUsage, "less than 1 MB" */
	HOUR_S = 60 * 60,
	TEXT_MAX = 255,
	RECORDS_MAX = 25,
	ALLOCATIONS_MAX = 2500,
	TAGS_MAX = 5,
	QUANTITY_MAX_2019 = 1000000,
};

/* Rows are written NAME, NEED and what the kind has. */
#define TEXT(name, need, min, max, pattern) { name, LIMITS_TEXT, need, min, max, pattern, NULL }
#define NUMBER(name, need, min, max) { name, LIMITS_INTEGER, need, min, max, LIMITS_ANY_TEXT, NULL }
#define BOOLEAN(name, need) { name, LIMITS_BOOLEAN, need, 0, 0, LIMITS_ANY_TEXT, NULL }
#define TIMESTAMP(name, need) { name, LIMITS_TIMESTAMP, need, 0, 0, LIMITS_ANY_TEXT, NULL }
#define LIST(name, need, min, max, of) { name, LIMITS_LIST, need, min, max, LIMITS_ANY_TEXT, of }
#define END_MEMBERS { NULL, LIMITS_TEXT, LIMITS_OPTIONAL, 0, 0, LIMITS_ANY_TEXT, NULL }
#define END_ERRORS { NULL, 0 }

/* ---- ResolveCustomer ---- */

/* Today no maximum is published for a token, nor a character that it may not have. */
static const struct limits_member resolve_request_today[] = {
	TEXT("RegistrationToken", LIMITS_REQUIRED, 1, 0, LIMITS_ANY_TEXT),
	END_MEMBERS,
};

static const struct limits_member resolve_request_2019[] = {
	TEXT("RegistrationToken", LIMITS_REQUIRED, 1, 0, LIMITS_NO_SPACE),
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

/* ---- BatchMeterUsage ---- */

static const struct limits_member tag[] = {
	TEXT("Key", LIMITS_REQUIRED, 1, 100, LIMITS_TAG),
	TEXT("Value", LIMITS_REQUIRED, 1, 256, LIMITS_TAG),
	END_MEMBERS,
};

static const struct limits_member allocation[] = {
	NUMBER("AllocatedUsageQuantity", LIMITS_REQUIRED, 0, INT32_MAX),
	LIST("Tags", LIMITS_OPTIONAL, 1, TAGS_MAX, tag),
	END_MEMBERS,
};

static const struct limits_member record_today[] = {
	TIMESTAMP("Timestamp", LIMITS_REQUIRED),
	TEXT("CustomerIdentifier", LIMITS_OPTIONAL, 0, TEXT_MAX, LIMITS_ANY_TEXT),
	TEXT("Dimension", LIMITS_REQUIRED, 1, TEXT_MAX, LIMITS_ANY_TEXT),
	NUMBER("Quantity", LIMITS_OPTIONAL, 0, INT32_MAX),
	LIST("UsageAllocations", LIMITS_OPTIONAL, 1, ALLOCATIONS_MAX, allocation),
	TEXT("CustomerAWSAccountId", LIMITS_OPTIONAL, 1, TEXT_MAX, LIMITS_DIGITS),
	TEXT("LicenseArn", LIMITS_OPTIONAL, 0, 0, LIMITS_ARN),
	END_MEMBERS,
};

/* CustomerIdentifier is required of a record without account and license, which work in both. */
static const struct limits_member record_2019[] = {
	TIMESTAMP("Timestamp", LIMITS_REQUIRED),
	TEXT("CustomerIdentifier", LIMITS_OPTIONAL, 1, TEXT_MAX, LIMITS_ANY_TEXT),
	TEXT("Dimension", LIMITS_REQUIRED, 1, TEXT_MAX, LIMITS_ANY_TEXT),
	NUMBER("Quantity", LIMITS_DEFAULTED, 0, QUANTITY_MAX_2019),
	TEXT("CustomerAWSAccountId", LIMITS_OPTIONAL, 1, TEXT_MAX, LIMITS_DIGITS),
	TEXT("LicenseArn", LIMITS_OPTIONAL, 0, 0, LIMITS_ARN),
	END_MEMBERS,
};

static const struct limits_member batch_request_today[] = {
	LIST("UsageRecords", LIMITS_REQUIRED, 0, RECORDS_MAX, record_today),
	TEXT("ProductCode", LIMITS_OPTIONAL, 0, TEXT_MAX, LIMITS_PRODUCT_CODE),
	END_MEMBERS,
};

/* ProductCode is required unless the records name licenses. */
static const struct limits_member batch_request_2019[] = {
	LIST("UsageRecords", LIMITS_REQUIRED, 0, RECORDS_MAX, record_2019),
	TEXT("ProductCode", LIMITS_OPTIONAL, 1, TEXT_MAX, LIMITS_ANY_TEXT),
	END_MEMBERS,
};

static const struct limits_error batch_errors_today[] = {
	{ "DisabledApiException", 400 },
	{ "InternalServiceErrorException", 500 },
	{ "InvalidCustomerIdentifierException", 400 },
	{ "InvalidLicenseException", 400 },
	{ "InvalidProductCodeException", 400 },
	{ "InvalidTagException", 400 },
	{ "InvalidUsageAllocationsException", 400 },
	{ "InvalidUsageDimensionException", 400 },
	{ "ThrottlingException", 400 },
	{ "TimestampOutOfBoundsException", 400 },
	END_ERRORS,
};

static const struct limits_error batch_errors_2019[] = {
	{ "DisabledApiException", 400 },
	{ "InternalServiceErrorException", 500 },
	{ "InvalidCustomerIdentifierException", 400 },
	{ "InvalidProductCodeException", 400 },
	{ "InvalidUsageDimensionException", 400 },
	{ "ThrottlingException", 400 },
	{ "TimestampOutOfBoundsException", 400 },
	END_ERRORS,
};

/* ---- MeterUsage ---- */

static const struct limits_member meter_request_today[] = {
	TEXT("ProductCode", LIMITS_REQUIRED, 0, TEXT_MAX, LIMITS_PRODUCT_CODE),
	TIMESTAMP("Timestamp", LIMITS_REQUIRED),
	TEXT("UsageDimension", LIMITS_REQUIRED, 1, TEXT_MAX, LIMITS_ANY_TEXT),
	NUMBER("UsageQuantity", LIMITS_OPTIONAL, 0, INT32_MAX),
	BOOLEAN("DryRun", LIMITS_OPTIONAL),
	LIST("UsageAllocations", LIMITS_OPTIONAL, 1, ALLOCATIONS_MAX, allocation),
	TEXT("ClientToken", LIMITS_OPTIONAL, 1, 64, LIMITS_ANY_TEXT),
	END_MEMBERS,
};

static const struct limits_member meter_request_2019[] = {
	TEXT("ProductCode", LIMITS_REQUIRED, 1, TEXT_MAX, LIMITS_ANY_TEXT),
	TIMESTAMP("Timestamp", LIMITS_REQUIRED),
	TEXT("UsageDimension", LIMITS_REQUIRED, 1, TEXT_MAX, LIMITS_ANY_TEXT),
	NUMBER("UsageQuantity", LIMITS_DEFAULTED, 0, QUANTITY_MAX_2019),
	BOOLEAN("DryRun", LIMITS_DEFAULTED),
	END_MEMBERS,
};

/* The last two are what DryRun answers: named in the text of DryRun alone, without a status. */
static const struct limits_error meter_errors_today[] = {
	{ "CustomerNotEntitledException", 400 },
	{ "DuplicateRequestException", 400 },
	{ "IdempotencyConflictException", 400 },
	{ "InternalServiceErrorException", 500 },
	{ "InvalidEndpointRegionException", 400 },
	{ "InvalidProductCodeException", 400 },
	{ "InvalidTagException", 400 },
	{ "InvalidUsageAllocationsException", 400 },
	{ "InvalidUsageDimensionException", 400 },
	{ "ThrottlingException", 400 },
	{ "TimestampOutOfBoundsException", 400 },
	{ "DryRunOperation", 400 },
	{ "UnauthorizedException", 400 },
	END_ERRORS,
};

static const struct limits_error meter_errors_2019[] = {
	{ "DuplicateRequestException", 400 },
	{ "InternalServiceErrorException", 500 },
	{ "InvalidEndpointRegionException", 400 },
	{ "InvalidProductCodeException", 400 },
	{ "InvalidUsageDimensionException", 400 },
	{ "ThrottlingException", 400 },
	{ "TimestampOutOfBoundsException", 400 },
	{ "DryRunOperation", 400 },
	{ "UnauthorizedException", 400 },
	END_ERRORS,
};

/* ---- RegisterUsage ---- */

static const struct limits_member register_request_today[] = {
	TEXT("ProductCode", LIMITS_REQUIRED, 0, TEXT_MAX, LIMITS_PRODUCT_CODE),
	NUMBER("PublicKeyVersion", LIMITS_REQUIRED, 1, INT32_MAX),
	TEXT("Nonce", LIMITS_OPTIONAL, 0, TEXT_MAX, LIMITS_ANY_TEXT),
	END_MEMBERS,
};

static const struct limits_member register_request_2019[] = {
	TEXT("ProductCode", LIMITS_REQUIRED, 1, TEXT_MAX, LIMITS_ANY_TEXT),
	NUMBER("PublicKeyVersion", LIMITS_REQUIRED, 1, INT32_MAX),
	TEXT("Nonce", LIMITS_OPTIONAL, 0, TEXT_MAX, LIMITS_ANY_TEXT),
	END_MEMBERS,
};

static const struct limits_error register_errors_today[] = {
	{ "CustomerNotEntitledException", 400 },
	{ "DisabledApiException", 400 },
	{ "InternalServiceErrorException", 500 },
	{ "InvalidProductCodeException", 400 },
	{ "InvalidPublicKeyVersionException", 400 },
	{ "InvalidRegionException", 400 },
	{ "PlatformNotSupportedException", 400 },
	{ "ThrottlingException", 400 },
	END_ERRORS,
};

/* This one action's internal error has another name there. */
static const struct limits_error register_errors_2019[] = {
	{ "CustomerNotEntitledException", 400 },
	{ "DisabledApiException", 400 },
	{ "InternalServerErrorException", 500 },
	{ "InvalidProductCodeException", 400 },
	{ "InvalidPublicKeyVersionException", 400 },
	{ "InvalidRegionException", 400 },
	{ "PlatformNotSupportedException", 400 },
	{ "ThrottlingException", 400 },
	END_ERRORS,
};

/* ---- all of them ---- */

/* The reference of 2019 states no age for MeterUsage; today's six hours hold there too. */
static const struct limits_action actions_today[] = {
	{ "BatchMeterUsage", batch_request_today, batch_errors_today, 24 * HOUR_S, true },
	{ "MeterUsage", meter_request_today, meter_errors_today, 6 * HOUR_S, false },
	{ "RegisterUsage", register_request_today, register_errors_today, 0, false },
	{ "ResolveCustomer", resolve_request_today, resolve_errors, 0, false },
	{ 0 },
};

static const struct limits_action actions_2019[] = {
	{ "BatchMeterUsage", batch_request_2019, batch_errors_2019, HOUR_S, false },
	{ "MeterUsage", meter_request_2019, meter_errors_2019, 6 * HOUR_S, false },
	{ "RegisterUsage", register_request_2019, register_errors_2019, 0, false },
	{ "ResolveCustomer", resolve_request_2019, resolve_errors, 0, false },
	{ 0 },
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

static const struct limits editions[] = {
	{ "today", actions_today, common_today, unlisted_today, MEGABYTE, 5 * MINUTE_S, 6 * HOUR_S,
		TAGS_MAX },
	{ "2019", actions_2019, common_2019, unlisted_2019, 0, 15 * MINUTE_S, 0, 0 },
	{ 0 },
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

const struct limits_member *limits_find_member(
	const struct limits_member *members, const char *name)
{
	for (; members->name; members++)
		if (*members->name == *name && !strcmp(members->name, name))
			return members;
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
