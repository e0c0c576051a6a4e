#include "aws/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "aws/env.h"
#include "aws/url.h"
#include "base/text.h"

enum service { METERING, STS, N_SERVICES };

/* What the settings call a service, and what could be read on the way without encryption. */
static const struct {
	const char *variable, *key, *key_words;
	const char *secret;
} services[] = {
	[METERING] = { "AWS_ENDPOINT_URL_MARKETPLACE_METERING", "marketplace_metering",
		"endpoint_url of marketplace_metering", "buyers' tokens" },
	[STS] = { "AWS_ENDPOINT_URL_STS", "sts", "endpoint_url of sts", "keys for AWS" },
};

/* What the host of a service begins with. */
struct names {
	const char *plain, *dual, *fips, *fips_dual;
};

#define METERING_FIPS "metering.marketplace-fips", "metering.marketplace-fips"
#define METERING_NAMES { "metering.marketplace", "metering-marketplace", METERING_FIPS }
#define STS_NAMES { "sts", "sts", "sts-fips", "sts-fips" }

/* Regions whose name begins so are another partition of AWS, with domains of its own. */
static const struct partition {
	const char *region_prefix;
	const char *domain, *dual_domain;
	struct names names[N_SERVICES];
} partitions[] = {
	{ "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", { METERING_NAMES, STS_NAMES } },
	{ "eusc-", "amazonaws.eu", "api.amazonwebservices.eu",
		{ { "metering-marketplace", "metering.marketplace", METERING_FIPS }, STS_NAMES } },
	{ "us-gov-", "amazonaws.com", "api.aws",
		{ METERING_NAMES, { "sts", "sts", "sts", "sts-fips" } } },
	{ "", "amazonaws.com", "api.aws", { METERING_NAMES, STS_NAMES } },
};

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

/* It becomes a part of the host's name. */
static bool set_region(struct endpoint *endpoint, const char *region)
{
	return *region && !region[strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-")] &&
		text_copy(endpoint->region, sizeof endpoint->region, region);
}

static enum status find_region(const struct profile *profile, struct endpoint *endpoint,
	struct err *err)
{
	struct found found = find(profile, "AWS_REGION", "region");
	const char *old = env_get("AWS_DEFAULT_REGION");

	if (old && !env_get("AWS_REGION"))
		found = (struct found){ old, "AWS_DEFAULT_REGION" };
	if (!found.value)
		return err_set(err, ERR_INPUT, "no region: set AWS_REGION, or region in the profile "
			"\"%s\", to where AWS Marketplace shall be called, such as us-east-1", profile->name);
	if (!set_region(endpoint, found.value))
		return err_set(err, ERR_INPUT, "%s is \"%s\"; allowed is a region's name such as us-east-1",
			found.where, found.value);
	return OK;
}

static struct found find_url(const struct profile *profile, enum service service)
{
	static const char variable[] = "AWS_ENDPOINT_URL";
	const char *value = env_get(services[service].variable);

	if (value)
		return (struct found){ value, services[service].variable };
	value = env_get(variable);
	if (value)
		return (struct found){ value, variable };
	value = profile_service_get(profile, services[service].key, "endpoint_url");
	if (value)
		return (struct found){ value, services[service].key_words };
	return (struct found){ profile_get(profile, "endpoint_url"), "endpoint_url" };
}

/* The URL that the settings give instead of AWS's. */
static enum status set_url(struct endpoint *endpoint, enum service service,
	const struct found *found, struct err *err)
{
	struct url url;
	enum status rc = url_parse(found->value, &url, err);

	if (rc)
		return err_wrap(err, rc, "%s is not an address of a server", found->where);
	if (!url.tls && !url_is_loopback(&url))
		return err_set(err, ERR_INPUT, "%s is http://%s: without encryption %s could "
			"be read on the way, so plain http is allowed to this machine only (localhost, "
			"127.0.0.1 or [::1]); use https", found->where, url.authority,
			services[service].secret);
	endpoint->given = true;
	snprintf(endpoint->host, sizeof endpoint->host, "%s", url.authority);
	snprintf(endpoint->url, sizeof endpoint->url, "%s://%s/", url.tls ? "https" : "http",
		url.authority);
	return OK;
}

static void set_host_of_aws(struct endpoint *endpoint, enum service service)
{
	const struct partition *p = partitions;
	const struct names *names;

	while (strncmp(endpoint->region, p->region_prefix, strlen(p->region_prefix)) != 0)
		p++;
	names = &p->names[service];
	snprintf(endpoint->host, sizeof endpoint->host, "%s.%s.%s",
		endpoint->fips ? endpoint->dual ? names->fips_dual : names->fips
					   : endpoint->dual ? names->dual : names->plain,
		endpoint->region, endpoint->dual ? p->dual_domain : p->domain);
	snprintf(endpoint->url, sizeof endpoint->url, "https://%s/", endpoint->host);
}

static enum status load(const struct profile *profile, enum service service,
	struct endpoint *ret_endpoint, struct err *err)
{
	struct endpoint endpoint = { 0 };
	bool ignore;
	struct found url = { NULL, NULL };
	enum status rc = find_region(profile, &endpoint, err);

	if (!rc)
		rc = find_flag(profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
			"ignore_configured_endpoint_urls", &ignore, err);
	if (!rc)
		rc = find_flag(profile, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &endpoint.fips, err);
	if (!rc)
		rc = find_flag(profile, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint",
			&endpoint.dual, err);
	if (rc)
		return rc;
	if (!ignore)
		url = find_url(profile, service);
	if (url.value && (endpoint.fips || endpoint.dual))
		return err_set(err, ERR_INPUT, "%s names the server, so AWS_USE_FIPS_ENDPOINT and "
			"AWS_USE_DUALSTACK_ENDPOINT cannot choose one; set either it or them", url.where);
	if (url.value)
		rc = set_url(&endpoint, service, &url, err);
	else
		set_host_of_aws(&endpoint, service);
	if (!rc)
		*ret_endpoint = endpoint;
	return rc;
}

enum status endpoint_load(const struct profile *profile, struct endpoint *ret_endpoint,
	struct err *err)
{
	return load(profile, METERING, ret_endpoint, err);
}

enum status endpoint_load_sts(const struct profile *profile, struct endpoint *ret_endpoint,
	struct err *err)
{
	return load(profile, STS, ret_endpoint, err);
}

enum status endpoint_set_region(struct endpoint *endpoint, const char *region, struct err *err)
{
	struct endpoint moved = *endpoint;

	if (!set_region(&moved, region))
		return err_set(err, ERR_INPUT, "\"%.80s\" is not a region's name, such as us-east-1",
			region);
	if (!moved.given)
		set_host_of_aws(&moved, METERING);
	*endpoint = moved;
	return OK;
}
