/* Usage shared out among tags, as BatchMeterUsage and MeterUsage have it. For their files. */
#ifndef AWS_METERING_ALLOCATIONS_H
#define AWS_METERING_ALLOCATIONS_H

#include "aws/metering.h"
#include "aws/metering_write.h"

/* Writes UsageAllocations into the open structure, if there are any. Refused, beside what the table
 * of limits says: a sum other than `quantity`, a key twice in an allocation, two allocations of the
 * same tags in whatever order, more different keys than the edition takes. */
void metering_write_allocations(struct metering_writer *writer,
	const struct metering_allocation *allocations, size_t n, int64_t quantity);

#endif
