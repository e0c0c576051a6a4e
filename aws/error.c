#include "aws/error.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "aws/json.h"
#include "base/text.h"

enum { PART_CHARS = 8 }; /* of a secret: fewer give nothing away, and turn up by chance */

#define ASK_RIGHT \
	"Allow this action (aws-marketplace:) to the AWS identity, in the account of the listing"
#define ASK_KEY "Check the access key, its secret and, for a temporary one, its session token"
#define ASK_CLOCK "Check this machine's clock"
#define ASK_ENDPOINT "Check AWS_ENDPOINT_URL_MARKETPLACE_METERING: another service answers there"
#define ASK_OWN_REGION "Set AWS_REGION to where this program runs: AWS takes this call there alone"
#define ASK_REGION "Check AWS_REGION: AWS Marketplace takes this call in some regions only"

/* Names decide, as throttling and expired tokens are 400 here. */
static const struct {
	const char *name;
	enum error_class class;
	const char *advice;
} errors[] = {
	{ "CustomerNotEntitledException", ERROR_BUYER,
		"The buyer has no subscription to this product, or it is over" },
	{ "InvalidTokenException", ERROR_BUYER,
		"The buyer has to press \"Set up your account\" in AWS Marketplace again; the AWS "
		"identity has to be of the account of the listing" },

	{ "DuplicateRequestException", ERROR_RECORD,
		"This hour has a record with another quantity, and the first one stays" },
	{ "IdempotencyConflictException", ERROR_RECORD,
		"Take another client token: this one came with other values before" },
	{ "InvalidCustomerIdentifierException", ERROR_RECORD,
		"Take it as ResolveCustomer gave it, for this product" },
	{ "InvalidLicenseException", ERROR_RECORD,
		"Check that the license is this customer's, of this product, and active at the "
		"Timestamp" },
	{ "InvalidParameterCombination", ERROR_RECORD, "" },
	{ "InvalidParameterValue", ERROR_RECORD, "" },
	{ "InvalidTagException", ERROR_RECORD,
		"Take letters, digits, blanks and + - = . _ : / @, and few tags" },
	{ "InvalidUsageAllocationsException", ERROR_RECORD,
		"Allocations have to add up to the quantity, each with tags of its own" },
	{ "InvalidUsageDimensionException", ERROR_RECORD,
		"Take the dimension's API name as the listing has it; its case matters" },
	{ "MalformedHttpRequestException", ERROR_RECORD, "" },
	{ "MissingParameter", ERROR_RECORD, "" },
	{ "RequestEntityTooLargeException", ERROR_RECORD, "" },
	{ "SerializationException", ERROR_RECORD, "" },
	{ "TimestampOutOfBoundsException", ERROR_RECORD,
		"AWS takes usage of the last hours only, and none of the future" },
	{ "ValidationError", ERROR_RECORD, "" },
	{ "ValidationException", ERROR_RECORD, "" },

	/* The SDKs' list of throttling codes. */
	{ "BandwidthLimitExceeded", ERROR_THROTTLED, "" },
	{ "EC2ThrottledException", ERROR_THROTTLED, "" },
	{ "LimitExceededException", ERROR_THROTTLED, "" },
	{ "PriorRequestNotComplete", ERROR_THROTTLED, "" },
	{ "ProvisionedThroughputExceededException", ERROR_THROTTLED, "" },
	{ "RequestLimitExceeded", ERROR_THROTTLED, "" },
	{ "RequestThrottled", ERROR_THROTTLED, "" },
	{ "RequestThrottledException", ERROR_THROTTLED, "" },
	{ "SlowDown", ERROR_THROTTLED, "" },
	{ "ThrottledException", ERROR_THROTTLED, "" },
	{ "Throttling", ERROR_THROTTLED, "" },
	{ "ThrottlingException", ERROR_THROTTLED, "" },
	{ "TooManyRequestsException", ERROR_THROTTLED, "" },
	{ "TransactionInProgressException", ERROR_THROTTLED, "" },

	{ "IDPCommunicationError", ERROR_TRANSIENT, "" },
	{ "InternalError", ERROR_TRANSIENT, "" },
	{ "InternalFailure", ERROR_TRANSIENT, "" },
	{ "InternalServerErrorException", ERROR_TRANSIENT, "" },
	{ "InternalServiceErrorException", ERROR_TRANSIENT, "" },
	{ "RequestAbortedException", ERROR_TRANSIENT, "" },
	{ "RequestTimeout", ERROR_TRANSIENT, "" },
	{ "RequestTimeoutException", ERROR_TRANSIENT, "" },
	{ "ServiceUnavailable", ERROR_TRANSIENT, "" },
	{ "ServiceUnavailableException", ERROR_TRANSIENT, "" },

	{ "AuthFailure", ERROR_AUTH, ASK_KEY },
	{ "ExpiredToken", ERROR_AUTH, "The session of these AWS credentials is over; renew them" },
	{ "ExpiredTokenException", ERROR_AUTH,
		"The session of these AWS credentials is over; renew them" },
	{ "IncompleteSignature", ERROR_AUTH, ASK_KEY },
	{ "InvalidClientTokenId", ERROR_AUTH, ASK_KEY },
	{ "InvalidSignatureException", ERROR_AUTH, ASK_KEY },
	{ "RequestExpired", ERROR_AUTH, ASK_CLOCK },
	{ "RequestInTheFuture", ERROR_AUTH, ASK_CLOCK },
	{ "RequestTimeTooSkewed", ERROR_AUTH, ASK_CLOCK },
	{ "SignatureDoesNotMatch", ERROR_AUTH, ASK_KEY },
	{ "UnrecognizedClientException", ERROR_AUTH, ASK_KEY },

	{ "AccessDenied", ERROR_SETTING, ASK_RIGHT },
	{ "AccessDeniedException", ERROR_SETTING, ASK_RIGHT },
	{ "DisabledApiException", ERROR_SETTING, ASK_REGION },
	{ "InvalidAction", ERROR_SETTING, ASK_ENDPOINT },
	{ "InvalidEndpointRegionException", ERROR_SETTING, ASK_OWN_REGION },
	{ "InvalidProductCodeException", ERROR_SETTING,
		"Check the product code, and that the AWS identity is of the account of the listing" },
	{ "InvalidPublicKeyVersionException", ERROR_SETTING,
		"Take the version that AWS Marketplace shows with the product's public key" },
	{ "InvalidQueryParameter", ERROR_SETTING, ASK_ENDPOINT },
	{ "InvalidRegionException", ERROR_SETTING, ASK_OWN_REGION },
	{ "MalformedQueryString", ERROR_SETTING, ASK_ENDPOINT },
	{ "MissingAction", ERROR_SETTING, ASK_ENDPOINT },
	{ "MissingAuthenticationToken", ERROR_SETTING,
		"Something on the way takes the Authorization header off" },
	{ "MissingAuthenticationTokenException", ERROR_SETTING,
		"Something on the way takes the Authorization header off" },
	{ "NotAuthorized", ERROR_SETTING, ASK_RIGHT },
	{ "OptInRequired", ERROR_SETTING,
		"Sign this AWS account up as a seller, or use the account that is one" },
	{ "PlatformNotSupportedException", ERROR_SETTING,
		"Call it from a container of Amazon ECS or EKS" },
	{ "UnauthorizedException", ERROR_SETTING, ASK_RIGHT },
	{ "UnknownOperationException", ERROR_SETTING, ASK_ENDPOINT },

	/* What a dry run answers where the call itself would be allowed. */
	{ "DryRunOperation", ERROR_NONE, "" },
};

static enum error_class classify_status(const char *code, int status)
{
	if (status == 429)
		return ERROR_THROTTLED;
	if (status == 408 || status >= 500)
		return ERROR_TRANSIENT;
	/* Without a name it is not AWS that answers, but what stands in between. */
	return *code && status >= 400 ? ERROR_UNKNOWN : ERROR_SETTING;
}

/* The one name that means two things: the session of our credentials is over, or the token that an
 * action was to take in exchange. */
static bool is_token_sent(const char *action, const char *code, int http_status)
{
	return http_status == 400 && !strcmp(code, "ExpiredTokenException") &&
		(!strcmp(action, "ResolveCustomer") || !strcmp(action, "AssumeRoleWithWebIdentity"));
}

enum error_class error_classify(
	const char *action, const char *code, int http_status, const char **ret_advice)
{
	const char *ignored;

	if (!ret_advice)
		ret_advice = &ignored;
	if (is_token_sent(action, code, http_status)) {
		*ret_advice = "The buyer has to press \"Set up your account\" in AWS Marketplace again; "
			"nothing is bought anew";
		return ERROR_BUYER;
	}
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		if (!strcmp(errors[i].name, code)) {
			*ret_advice = errors[i].advice;
			return errors[i].class;
		}
	}
	*ret_advice = "";
	return classify_status(code, http_status);
}

enum error_about error_find_about(const char *code)
{
	static const struct {
		const char *name;
		enum error_about about;
	} known[] = {
		{ "CustomerNotEntitledException", ABOUT_CUSTOMER },
		{ "InvalidCustomerIdentifierException", ABOUT_CUSTOMER },
		{ "InvalidLicenseException", ABOUT_CUSTOMER },
		{ "InvalidTagException", ABOUT_TAGS },
		{ "InvalidUsageDimensionException", ABOUT_DIMENSION },
		{ "TimestampOutOfBoundsException", ABOUT_TIME },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (!strcmp(known[i].name, code))
			return known[i].about;
	return ABOUT_RECORD;
}

void error_normalise(const char *sent, char *ret_code, size_t size)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strcspn(sent, ":");
	const char *hash = memrchr(sent, '#', len);

	if (hash) {
		len -= (size_t)(hash + 1 - sent);
		sent = hash + 1;
	}
	if (len >= size || strspn(sent, allowed) < len)
		len = 0;
	memcpy(ret_code, sent, len);
	ret_code[len] = '\0';
}

bool error_repeats(const char *message, const char *secret)
{
	size_t len = strlen(message), secret_len = strlen(secret);
	size_t part = secret_len < PART_CHARS ? secret_len : PART_CHARS;

	for (size_t i = 0; part && i + part <= len; i++)
		if (memmem(secret, secret_len, message + i, part))
			return true;
	return false;
}

void error_copy_message(const char *message, char *ret_message, size_t size)
{
	text_copy(ret_message, size, message);
	for (; *ret_message; ret_message++)
		if (*ret_message < ' ' || *ret_message > '~')
			*ret_message = '?';
}

static void read_body(const struct cJSON *json, struct error *error)
{
	const char *message = json_text_of(json, "message");

	if (!*error->code)
		error_normalise(json_text_of(json, "code"), error->code, sizeof error->code);
	if (!*error->code)
		error_normalise(json_text_of(json, "__type"), error->code, sizeof error->code);
	if (!*message)
		message = json_text_of(json, "Message");
	error_copy_message(message, error->message, sizeof error->message);
}

void error_read(const char *action, const struct http_answer *answer, struct error *ret_error)
{
	struct cJSON *json = NULL;
	struct err ignored; /* a body that is not JSON is a proxy's: the status has to do */

	*ret_error = (struct error){ .advice = "" };
	error_normalise(answer->error_type, ret_error->code, sizeof ret_error->code);
	if (!json_parse(buf_text(&answer->body), answer->body.len, &json, &ignored))
		read_body(json, ret_error);
	cJSON_Delete(json);
	/* Fewer records may pass, whoever it is for whom these are too many. */
	if (!*ret_error->code && answer->status == 413)
		text_copy(ret_error->code, sizeof ret_error->code, "RequestEntityTooLargeException");
	ret_error->class =
		error_classify(action, ret_error->code, answer->status, &ret_error->advice);
}
