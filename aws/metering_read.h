/* An answer of the metering service: its members, read from JSON. For the actions' files.
 *
 * A member that is null is absent, and members that nobody asks for are ignored.
 * ERR_RETRY: the member is there twice or is of another type, which AWS does not send. */
#ifndef AWS_METERING_READ_H
#define AWS_METERING_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/client.h"

struct cJSON;

/* NULL: absent. */
MUST_CHECK enum status metering_read_member(const struct cJSON *object, const char *name,
	const struct cJSON **ret_member, struct err *err);

/* Owned by the JSON. "": absent or empty. */
MUST_CHECK enum status metering_read_text(const struct cJSON *object, const char *name,
	const char **ret_text, struct err *err);

/* Into an array of `size` bytes. ERR_RETRY: also a text that does not fit. */
MUST_CHECK enum status metering_read_text_to(const struct cJSON *object, const char *name,
	char *ret_text, size_t size, struct err *err);

/* false: absent, and ret_number is 0. */
MUST_CHECK enum status metering_read_number(const struct cJSON *object, const char *name,
	bool *ret_there, double *ret_number, struct err *err);

/* The first item, and from there along `next`; NULL: absent or empty. */
MUST_CHECK enum status metering_read_list(const struct cJSON *object, const char *name,
	const struct cJSON **ret_first, struct err *err);

/* AWS answered 200, and the answer makes no sense: what was asked for may have been done. */
enum status metering_nonsense(const char *action, struct aws_answer *answer, struct err *err);

#endif
