/* JSON that a stranger sent, read by cJSON after a check of what cJSON lets pass. */
#ifndef SANDBOX_JSON_H
#define SANDBOX_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buf.h"

enum { JSON_DEPTH_MAX = 32 }; /* the API's own nest six deep; cJSON recurses on a small stack */

#define auto_json __attribute__((cleanup(json_done))) cJSON
void json_done(cJSON **json);

/* Parses a text that must be one object and nothing else; white space alone counts as an object
 * without members, as it does for AWS. The caller frees it. NULL: *ret_why says what is wrong: not
 * JSON (control characters and \u without four digits too, which cJSON takes), not an object, not
 * UTF-8, too deep, or \u0000 in a string, where cJSON would end it.
 * Numbers keep how they were written, for json_as_sent. */
cJSON *json_parse_object(const char *text, size_t len, const char **ret_why);

/* From now on its numbers, which json_parse_object read, print as they were written, and are no
 * numbers to cJSON any more. */
void json_as_sent(cJSON *json);

/* A member of that exact name; NULL if it is absent or null, which is the same to AWS. */
const cJSON *json_member(const cJSON *object, const char *name);

/* Its text; NULL if it is absent, null or not a string. */
const char *json_text(const cJSON *object, const char *name);

/* Whether it is a whole number within [min, max]. */
bool json_whole(const cJSON *number, double min, double max);

/* Adds a member and owns it; a NULL value stands for no memory. Without memory the object is spoilt
 * and json_print fails: build all of it, check once. */
void json_put(cJSON *object, const char *name, cJSON *value);

/* The same for an array's next item. */
void json_add(cJSON *array, cJSON *value);

/* Appends the text without blanks; fails the buffer without memory. */
void json_print(struct buf *out, const cJSON *json);

#endif
