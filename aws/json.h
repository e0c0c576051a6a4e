/* Reading JSON that a server sent: cJSON behind checks that it does not make itself. */
#ifndef AWS_JSON_H
#define AWS_JSON_H

#include <stddef.h>

#include "base/err.h"

struct cJSON;

/* Parses the whole of a body, which must be an object. Free the result with cJSON_Delete.
 * ERR_RETRY: it is not UTF-8, not JSON, cut short, nested too deeply, or has a NUL in it, raw or
 * escaped; the text says which, and shows nothing of the body. */
MUST_CHECK enum status json_parse(const char *body, size_t len, struct cJSON **ret_json,
	struct err *err);

/* The same of any value. */
MUST_CHECK enum status json_parse_value(const char *body, size_t len, struct cJSON **ret_json,
	struct err *err);

/* The text of a member, owned by the JSON; "" where it has none. */
const char *json_text_of(const struct cJSON *object, const char *name);

/* cJSON_Delete, after wiping all texts: for secrets. Accepts NULL. */
void json_wipe(struct cJSON *json);

#endif
