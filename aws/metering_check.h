/* What the reference says of a value, checked before it is sent. For the actions' files.
 *
 * ERR_INPUT: the text says what the value is and what is allowed, and never shows one that is text:
 * it may be secret. The sandbox checks the same table with code of its own. */
#ifndef AWS_METERING_CHECK_H
#define AWS_METERING_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "aws/limits.h"
#include "base/err.h"

/* A text that is there. Lengths are of characters, that is Unicode's code points. */
MUST_CHECK enum status metering_check_text(const struct limits_member *limit, const char *text,
	struct err *err);

MUST_CHECK enum status metering_check_integer(const struct limits_member *limit, int64_t number,
	struct err *err);

MUST_CHECK enum status metering_check_timestamp(int64_t seconds, struct err *err);

/* How many a list has. */
MUST_CHECK enum status metering_check_count(const struct limits_member *limit, size_t n,
	struct err *err);

#endif
