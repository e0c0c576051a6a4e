/* PostgreSQL's text form of an array of texts, as a parameter. */
#ifndef DB_ARRAY_H
#define DB_ARRAY_H

#include "base/buf.h"

/* Appends {"a","b"}; NULL elements become NULL. */
void db_array(struct buf *out, const char *const *values, size_t n);

#endif
