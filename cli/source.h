/* Where an option's value comes from: the command line, a file, standard input. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "base/buf.h"

enum { SOURCE_BYTES_MAX = 8 * 1024 * 1024 }; /* AWS takes under 1 MB, and blanks are not sent */

/* Appends what is meant: the value itself, the content of PATH for file://PATH, all of standard
 * input for "-" where that is allowed. What is read may be secret: free with buf_wipe.
 * ERR_INPUT: it cannot be read, is too long, or has a NUL in it; the text says which. */
MUST_CHECK enum status source_read(const char *value, bool stdin_allowed, struct buf *out,
	struct err *err);

/* Takes the line's end off that editors and echo leave. */
void source_trim(struct buf *text);

#endif
