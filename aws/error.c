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

/* Names decide, as throttling and expired tokens are 400 here. A status stands where one name means
 * two things; the first row that fits counts. */
static const struct {
	const char *name;
	int status; /* 0: any */
	enum error_class class;
	const char *advice;
} errors[] = {
	{ "CustomerNotEntitledException", 0, ERROR_BUYER,
		"The buyer has no subscription to this product, or it is over" },
	{ "ExpiredTokenException", 400, ERROR_BUYER,
		"The buyer has to press \"Set up your account\" in AWS Marketplace again; nothing "
		"is bought anew" },
	{ "InvalidTokenException", 0, ERROR_BUYER,
		"The buyer has to press \"Set up your account\" in AWS Marketplace again; the AWS "
		"identity has to be of the account of the listing" },

	{ "DuplicateRequestException", 0, ERROR_RECORD,
		"This hour has a record with another quantity, and the first one stays" },
	{ "IdempotencyConflictException", 0, ERROR_RECORD,
		"Take another client token: this one came with other values before" },
	{ "InvalidCustomerIdentifierException", 0, ERROR_RECORD,
		"Take it as ResolveCustomer gave it, for this product" },
	{ "InvalidLicenseException", 0, ERROR_RECORD,
		"Check that the license is this customer's, of this product, and active at the "
		"Timestamp" },
	{ "InvalidParameterCombination", 0, ERROR_RECORD, "" },
	{ "InvalidParameterValue", 0, ERROR_RECORD, "" },
	{ "InvalidTagException", 0, ERROR_RECORD,
		"Take letters, digits, blanks and + - = . _ : / @, and few tags" },
	{ "InvalidUsageAllocationsException", 0, ERROR_RECORD,
		"Allocations have to add up to the quantity, each with tags of its own" },
	{ "InvalidUsageDimensionException", 0, ERROR_RECORD,
		"Take the dimension's API name as the listing has it; its case matters" },
	{ "MalformedHttpRequestException", 0, ERROR_RECORD, "" },
	{ "MissingParameter", 0, ERROR_RECORD, "" },
	{ "RequestEntityTooLargeException", 0, ERROR_RECORD, "" },
	{ "SerializationException", 0, ERROR_RECORD, "" },
	{ "TimestampOutOfBoundsException", 0, ERROR_RECORD,
		"AWS takes usage of the last hours only, and none of the future" },
	{ "ValidationError", 0, ERROR_RECORD, "" },
	{ "ValidationException", 0, ERROR_RECORD, "" },

	/* The SDKs' list of throttling codes. */
	{ "BandwidthLimitExceeded", 0, ERROR_THROTTLED, "" },
	{ "EC2ThrottledException", 0, ERROR_THROTTLED, "" },
	{ "LimitExceededException", 0, ERROR_THROTTLED, "" },
	{ "PriorRequestNotComplete", 0, ERROR_THROTTLED, "" },
	{ "ProvisionedThroughputExceededException", 0, ERROR_THROTTLED, "" },
	{ "RequestLimitExceeded", 0, ERROR_THROTTLED, "" },
	{ "RequestThrottled", 0, ERROR_THROTTLED, "" },
	{ "RequestThrottledException", 0, ERROR_THROTTLED, "" },
	{ "SlowDown", 0, ERROR_THROTTLED, "" },
	{ "ThrottledException", 0, ERROR_THROTTLED, "" },
	{ "Throttling", 0, ERROR_THROTTLED, "" },
	{ "ThrottlingException", 0, ERROR_THROTTLED, "" },
	{ "TooManyRequestsException", 0, ERROR_THROTTLED, "" },
	{ "TransactionInProgressException", 0, ERROR_THROTTLED, "" },

	{ "IDPCommunicationError", 0, ERROR_TRANSIENT, "" },
	{ "InternalError", 0, ERROR_TRANSIENT, "" },
	{ "InternalFailure", 0, ERROR_TRANSIENT, "" },
	{ "InternalServerErrorException", 0, ERROR_TRANSIENT, "" },
	{ "InternalServiceErrorException", 0, ERROR_TRANSIENT, "" },
	{ "RequestAbortedException", 0, ERROR_TRANSIENT, "" },
	{ "RequestTimeout", 0, ERROR_TRANSIENT, "" },
	{ "RequestTimeoutException", 0, ERROR_TRANSIENT, "" },
	{ "ServiceUnavailable", 0, ERROR_TRANSIENT, "" },
	{ "ServiceUnavailableException", 0, ERROR_TRANSIENT, "" },

	{ "AuthFailure", 0, ERROR_AUTH, ASK_KEY },
	{ "ExpiredToken", 0, ERROR_AUTH, "The session of these AWS credentials is over; renew them" },
	{ "ExpiredTokenException", 0, ERROR_AUTH,
		"The session of these AWS credentials is over; renew them" },
	{ "IncompleteSignature", 0, ERROR_AUTH, ASK_KEY },
	{ "InvalidClientTokenId", 0, ERROR_AUTH, ASK_KEY },
	{ "InvalidSignatureException", 0, ERROR_AUTH, ASK_KEY },
	{ "RequestExpired", 0, ERROR_AUTH, ASK_CLOCK },
	{ "RequestInTheFuture", 0, ERROR_AUTH, ASK_CLOCK },
	{ "RequestTimeTooSkewed", 0, ERROR_AUTH, ASK_CLOCK },
	{ "SignatureDoesNotMatch", 0, ERROR_AUTH, ASK_KEY },
	{ "UnrecognizedClientException", 0, ERROR_AUTH, ASK_KEY },

	{ "AccessDenied", 0, ERROR_SETTING, ASK_RIGHT },
	{ "AccessDeniedException", 0, ERROR_SETTING, ASK_RIGHT },
	{ "DisabledApiException", 0, ERROR_SETTING, ASK_REGION },
	{ "InvalidAction", 0, ERROR_SETTING, ASK_ENDPOINT },
	{ "InvalidEndpointRegionException", 0, ERROR_SETTING, ASK_OWN_REGION },
	{ "InvalidProductCodeException", 0, ERROR_SETTING,
		"Check the product code, and that the AWS identity is of the account of the listing" },
	{ "InvalidPublicKeyVersionException", 0, ERROR_SETTING,
		"Take the version that AWS Marketplace shows with the product's public key" },
	{ "InvalidQueryParameter", 0, ERROR_SETTING, ASK_ENDPOINT },
	{ "InvalidRegionException", 0, ERROR_SETTING, ASK_OWN_REGION },
	{ "MalformedQueryString", 0, ERROR_SETTING, ASK_ENDPOINT },
	{ "MissingAction", 0, ERROR_SETTING, ASK_ENDPOINT },
	{ "MissingAuthenticationToken", 0, ERROR_SETTING,
		"Something on the way takes the Authorization header off" },
	{ "MissingAuthenticationTokenException", 0, ERROR_SETTING,
		"Something on the way takes the Authorization header off" },
	{ "NotAuthorized", 0, ERROR_SETTING, ASK_RIGHT },
	{ "OptInRequired", 0, ERROR_SETTING,
		"Sign this AWS account up as a seller, or use the account that is one" },
	{ "PlatformNotSupportedException", 0, ERROR_SETTING,
		"Call it from a container of Amazon ECS or EKS" },
	{ "UnauthorizedException", 0, ERROR_SETTING, ASK_RIGHT },
	{ "UnknownOperationException", 0, ERROR_SETTING, ASK_ENDPOINT },

	/* What a dry run answers where the call itself would be allowed. */
	{ "DryRunOperation", 0, ERROR_NONE, "" },
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

enum error_class error_classify(const char *code, int http_status, const char **ret_advice)
{
	const char *ignored;

	if (!ret_advice)
		ret_advice = &ignored;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		if (!strcmp(errors[i].name, code) &&
			(!errors[i].status || errors[i].status == http_status)) {
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

static const char *text_of(const struct cJSON *json, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

	return text ? text : "";
}

static void read_body(const struct cJSON *json, struct error *error)
{
	const char *message = text_of(json, "message");

	if (!*error->code)
		error_normalise(text_of(json, "code"), error->code, sizeof error->code);
	if (!*error->code)
		error_normalise(text_of(json, "__type"), error->code, sizeof error->code);
	if (!*message)
		message = text_of(json, "Message");
	error_copy_message(message, error->message, sizeof error->message);
}

void error_read(const struct http_answer *answer, struct error *ret_error)
{
	struct cJSON *json = NULL;
	struct err ignored; /* a body that is not JSON is a proxy's: the status has to do */

	*ret_error = (struct error){ .advice = "" };
	error_normalise(answer->error_type, ret_error->code, sizeof ret_error->code);
	if (!json_parse(buf_text(&answer->body), answer->body.len, &json, &ignored))
		read_body(json, ret_error);
	cJSON_Delete(json);
	ret_error->class = error_classify(ret_error->code, answer->status, &ret_error->advice);
}
