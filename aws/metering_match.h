/* What BatchMeterUsage answers of each record. For its file. */
#ifndef AWS_METERING_MATCH_H
#define AWS_METERING_MATCH_H

#include "aws/metering_answer.h"

struct cJSON;

/* As metering_parse_results, of JSON. */
MUST_CHECK enum status metering_match(struct metering_batch_sent sent, const struct cJSON *json,
	struct metering_result *ret_results, struct err *err);

#endif
