/* Writing JSON. */
#ifndef METER_JSON_H
#define METER_JSON_H

#include "base/buf.h"

/* A member of an object that has been begun: after "{", or with a comma before it. */
void json_name(struct buf *out, const char *name);

/* A member; a text that is NULL leaves it out. */
void json_add_text(struct buf *out, const char *name, const char *text);
void json_add_number(struct buf *out, const char *name, long long number);

#endif
