/* AWS's regions, and where its metering API can be called. One endpoint stands for all of them
 * here, as the signature says which one is meant. */
#ifndef SANDBOX_REGION_H
#define SANDBOX_REGION_H

#include <stddef.h>

enum { REGION_SIZE = 65 };

enum region {
	REGION_UNKNOWN,
	REGION_SERVED,
	REGION_WITHOUT_API, /* AWS is there, the API is not: DisabledApiException */
};

enum region region_find(const char *name);

/* One after the other where the API is, NULL after the last. */
const char *region_served(size_t i);

#endif
