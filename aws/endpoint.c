#include "aws/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "aws/env.h"
#include "aws/url.h"
#include "base/text.h"

/* Regions whose name begins so are another partition of AWS, with domains of its own. `plain` and
 * `dual` are what the host begins with; FIPS hosts are called alike everywhere. */
static const struct partition {
	const char *region_prefix;
	const char *plain, *domain;
	const char *dual, *dual_domain;
} partitions[] = {
	{ "cn-", "metering.marketplace", "amazonaws.com.cn",
		"metering-marketplace", "api.amazonwebservices.com.cn" },
	{ "eusc-", "metering-marketplace", "amazonaws.eu",
		"metering.marketplace", "api.amazonwebservices.eu" },
	{ "", "metering.marketplace", "amazonaws.com", "metering-marketplace", "api.aws" },
};

static const char fips_host[] = "metering.marketplace-fips";

/* A setting's value and where it stands, for messages. */
struct found {
	const char *value; /* NULL: nowhere */
	const char *where;
};

static struct found find(const struct profile *profile, const char *variable, const char *key)
{
	const char *value = env_get(variable);

	if (value)
		return (struct found){ value, variable };
	value = profile_get(profile, key);
	return (struct found){ value && *value ? value : NULL, key };
}

static enum status find_flag(const struct profile *profile, const char *variable, const char *key,
	bool *ret_flag, struct err *err)
{
	struct found found = find(profile, variable, key);

	*ret_flag = found.value && !strcasecmp(found.value, "true");
	if (!found.value || *ret_flag || !strcasecmp(found.value, "false"))
		return OK;
	return err_set(err, ERR_INPUT, "%s is \"%s\"; allowed is true or false", found.where,
		found.value);
}

static enum status find_region(const struct profile *profile, char *ret_region, size_t size,
	struct err *err)
{
	struct found found = find(profile, "AWS_REGION", "region");
	const char *old = env_get("AWS_DEFAULT_REGION");

	if (old && !env_get("AWS_REGION"))
		found = (struct found){ old, "AWS_DEFAULT_REGION" };
	if (!found.value)
		return err_set(err, ERR_INPUT, "no region: set AWS_REGION, or region in the profile "
			"\"%s\", to where AWS Marketplace shall be called, such as us-east-1", profile->name);
	/* It becomes a part of the host's name. */
	if (strspn(found.value, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(found.value) ||
		!text_copy(ret_region, size, found.value))
		return err_set(err, ERR_INPUT, "%s is \"%s\"; allowed is a region's name such as us-east-1",
			found.where, found.value);
	return OK;
}

static struct found find_url(const struct profile *profile)
{
	static const char service_variable[] = "AWS_ENDPOINT_URL_MARKETPLACE_METERING";
	static const char variable[] = "AWS_ENDPOINT_URL";
	const char *value = env_get(service_variable);

	if (value)
		return (struct found){ value, service_variable };
	value = env_get(variable);
	if (value)
		return (struct found){ value, variable };
	value = profile_service_get(profile, "marketplace_metering", "endpoint_url");
	if (value)
		return (struct found){ value, "endpoint_url of marketplace_metering" };
	return (struct found){ profile_get(profile, "endpoint_url"), "endpoint_url" };
}

/* The URL that the settings give instead of AWS's. */
static enum status set_url(struct endpoint *endpoint, const struct found *found, struct err *err)
{
	struct url url;
	enum status rc = url_parse(found->value, &url, err);

	if (rc)
		return err_wrap(err, rc, "%s is not an address of a server", found->where);
	if (!url.tls && !url_is_loopback(&url))
		return err_set(err, ERR_INPUT, "%s is http://%s: without encryption buyers' tokens could "
			"be read on the way, so plain http is allowed to this machine only (localhost, "
			"127.0.0.1 or [::1]); use https", found->where, url.authority);
	snprintf(endpoint->host, sizeof endpoint->host, "%s", url.authority);
	snprintf(endpoint->url, sizeof endpoint->url, "%s://%s/", url.tls ? "https" : "http",
		url.authority);
	return OK;
}

static void set_host_of_aws(struct endpoint *endpoint, bool fips, bool dual)
{
	const struct partition *p = partitions;

	while (strncmp(endpoint->region, p->region_prefix, strlen(p->region_prefix)) != 0)
		p++;
	snprintf(endpoint->host, sizeof endpoint->host, "%s.%s.%s",
		fips ? fips_host : dual ? p->dual : p->plain, endpoint->region,
		dual ? p->dual_domain : p->domain);
	snprintf(endpoint->url, sizeof endpoint->url, "https://%s/", endpoint->host);
}

enum status endpoint_load(const struct profile *profile, struct endpoint *ret_endpoint,
	struct err *err)
{
	struct endpoint endpoint = { 0 };
	bool ignore, fips = false, dual = false;
	struct found url = { NULL, NULL };
	enum status rc = find_region(profile, endpoint.region, sizeof endpoint.region, err);

	if (!rc)
		rc = find_flag(profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
			"ignore_configured_endpoint_urls", &ignore, err);
	if (!rc)
		rc = find_flag(profile, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &fips, err);
	if (!rc)
		rc = find_flag(profile, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", &dual, err);
	if (rc)
		return rc;
	if (!ignore)
		url = find_url(profile);
	if (url.value && (fips || dual))
		return err_set(err, ERR_INPUT, "%s names the server, so AWS_USE_FIPS_ENDPOINT and "
			"AWS_USE_DUALSTACK_ENDPOINT cannot choose one; set either it or them", url.where);
	if (url.value)
		rc = set_url(&endpoint, &url, err);
	else
		set_host_of_aws(&endpoint, fips, dual);
	if (!rc)
		*ret_endpoint = endpoint;
	return rc;
}
