/* The standard streams, and writing to a descriptor. */
#ifndef BASE_STREAMS_H
#define BASE_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Puts /dev/null in place of each one that is closed: a connection that got its number would be
 * written to as if it were the log. Call it first in main. */
void streams_open(void);

/* Writes all of it, through signals; false: not all is there, errno says why. */
MUST_CHECK bool streams_write(int fd, const char *data, size_t len);

#endif
