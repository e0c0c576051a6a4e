/* Records as a person or a program reads them: a table, or JSON. */
#ifndef METER_SHOW_H
#define METER_SHOW_H

#include <stdio.h>

#include "meter/record.h"

struct show {
	FILE *out;
	bool json; /* a document whose records are as BatchMeterUsage's UsageRecords */
	int64_t records, units; /* so far */
};

/* False: it cannot be written; errno tells why. */
MUST_CHECK bool show_record(struct show *show, const struct record *record);

/* After the last one; `members`: further ones of the document's object. */
MUST_CHECK bool show_end(struct show *show, const char *members);

#endif
