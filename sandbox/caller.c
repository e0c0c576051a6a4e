#include "sandbox/caller.h"

#include <string.h>

static const struct {
	const char *error, *sentence;
} sentences[] = {
	{ "AccessDeniedException", "This caller runs on no platform of AWS's that may meter usage." },
	{ "CustomerNotEntitledException",
		"The caller's AWS account has no valid subscription to the product." },
	{ "DryRunOperation", "The request would have been permitted, and DryRun is set." },
	{ "DuplicateRequestException",
		"This caller has metered another quantity for the dimension and the hour." },
	{ "IdempotencyConflictException", "The ClientToken was used with other parameters." },
	{ "InvalidEndpointRegionException",
		"The call is for another region than the one in which the caller runs." },
	{ "InvalidProductCodeException", "There is no product of that code." },
	{ "InvalidPublicKeyVersionException", "There is no public key of that version." },
	{ "InvalidRegionException",
		"The call is for another region than the one in which the caller runs." },
	{ "InvalidTagException",
		"A tag has a character that it may not have or stands twice, or there are too many." },
	{ "InvalidUsageAllocationsException",
		"The allocations do not add up to the quantity, or two of them have the same tags." },
	{ "InvalidUsageDimensionException", "The product has no such dimension." },
	{ "PlatformNotSupportedException", "Usage cannot be registered from the caller's platform." },
	{ "TimestampOutOfBoundsException", "The Timestamp is too old, or in the future." },
	{ "UnauthorizedException", "The caller may not meter usage, and DryRun is set." },
};

const char *caller_session(const struct call *call, char ret_hash[TOKEN_HASH_SIZE])
{
	const char *token = request_param(call->request, "HTTP_X_AMZ_SECURITY_TOKEN");

	if (!token || !*token)
		return NULL;
	token_hash(token, ret_hash);
	return ret_hash;
}

void caller_refuse(struct call *call, const char *error)
{
	for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
		if (!strcmp(sentences[i].error, error)) {
			call_refuse_as(call, error, sentences[i].sentence);
			return;
		}
	call_refuse(call, REFUSAL_FAILED, "The sandbox refused the call and cannot say why.");
}
