/* The request that the options, files and JSON of the command line make together. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "base/err.h"
#include "cli/options.h"

struct cJSON;

/* Makes an object of the action's members, each of its kind (cli/shape.h). --cli-input-json comes
 * first, options replace its members. A list's values are JSON, of one item or of all, or shorthand
 * for one item; every value may be file://PATH. Wipes what was given. Free with json_wipe.
 * ERR_INPUT: it is not that; the text says where and what is allowed.  ERR_MISSING: an option that
 * is required is not there. */
MUST_CHECK enum status input_read(const struct options *options, struct cJSON **ret_request,
	struct err *err);

/* A member by its name; 0 where it is not there. */
int64_t input_number(const struct cJSON *object, const char *name);

#endif
