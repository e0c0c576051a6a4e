/* Whether JSON has the members that the API knows, each of its kind; values' limits are checked in
 * aws/ before they are sent. */
#ifndef CLI_SHAPE_H
#define CLI_SHAPE_H

#include <stdbool.h>

#include "aws/limits.h"
#include "base/err.h"

struct cJSON;

/* Checks an object and what is in it. With `texts`, numbers may be written as texts, as in
 * shorthand; they become numbers. Times become seconds since 1970. A member that the API does not
 * know, or that is there twice, is refused by name, because a slip must not lose a quantity; so is
 * one that is required and missing, and null, which could pass for 0.
 * ERR_INPUT: it does not fit; the text says where and what is allowed. */
MUST_CHECK enum status shape_check(const struct limits_member *members, struct cJSON *object,
	bool texts, struct err *err);

/* The same but for what is missing. */
MUST_CHECK enum status shape_check_part(const struct limits_member *members,
	struct cJSON *object, bool texts, struct err *err);

#endif
