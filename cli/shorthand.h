/* The AWS CLI's short way to write a structure: Timestamp=…,Dimension=users,Quantity=5. */
#ifndef CLI_SHORTHAND_H
#define CLI_SHORTHAND_H

#include "base/err.h"

struct cJSON;

/* Reads name=value pairs apart by commas into an object. A value is text, bare or in single or
 * double quotes; a list [a,b]; or a structure {name=value,…}; a backslash takes the next character
 * as it is. All values are texts: shape_check (cli/shape.h) knows which are numbers.
 * ERR_INPUT: not that; the text says where. Free the result with cJSON_Delete. */
MUST_CHECK enum status shorthand_read(const char *text, struct cJSON **ret_json, struct err *err);

#endif
