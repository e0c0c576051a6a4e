#include "sandbox/region.h"

#include <stdbool.h>
#include <string.h>

/* AWS: "Metering service regions". */
static const char *const served[] = { "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	"ca-central-1", "sa-east-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
	"eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "af-south-1", "me-south-1",
	"me-central-1", "il-central-1", "ap-east-1", "ap-south-1", "ap-south-2", "ap-northeast-1",
	"ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
	"ap-southeast-4", "cn-northwest-1", NULL };

static const char *const without_api[] = { "ap-east-2", "ap-southeast-5", "ap-southeast-6",
	"ap-southeast-7", "ca-west-1", "cn-north-1", "eusc-de-east-1", "mx-central-1", "us-gov-east-1",
	"us-gov-west-1", NULL };

static bool has(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

enum region region_find(const char *name)
{
	if (has(served, name))
		return REGION_SERVED;
	return has(without_api, name) ? REGION_WITHOUT_API : REGION_UNKNOWN;
}

const char *region_served(size_t i)
{
	return served[i];
}
