/* Where AWS Marketplace Metering and STS are called, and for which region requests are signed. */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "aws/profile.h"

struct endpoint {
	char region[64];
	char host[272]; /* for the Host header, with a port that is not the scheme's own */
	char url[288];  /* scheme://host/ */
	bool given;     /* by a setting, and so the same in every region */
	bool fips, dual;
};

/* Region: AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`.
 * URL: AWS_ENDPOINT_URL_MARKETPLACE_METERING, AWS_ENDPOINT_URL, the [services …] section that the
 * profile names, its `endpoint_url`; none of them if AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.
 * Otherwise AWS's host in the region (AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT). Another
 * URL changes neither the region nor the name that requests are signed with.
 * ERR_INPUT: a setting is missing or wrong, or the URL is plain http to another machine; the text
 * says which setting and what to do. */
MUST_CHECK enum status endpoint_load(const struct profile *profile, struct endpoint *ret_endpoint,
	struct err *err);

/* The same of STS, the security token service: AWS_ENDPOINT_URL_STS, and `sts` in [services …]. */
MUST_CHECK enum status endpoint_load_sts(const struct profile *profile,
	struct endpoint *ret_endpoint, struct err *err);

/* Moves AWS Marketplace Metering's endpoint to another region.
 * ERR_INPUT: that is no region's name. */
MUST_CHECK enum status endpoint_set_region(struct endpoint *endpoint, const char *region,
	struct err *err);

#endif
